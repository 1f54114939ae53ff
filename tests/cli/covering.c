/* Suites for the transcripts of --strength and of constraints. */
#include <combtest/combtest.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum ct_status pass(struct ct_walk *walk, const struct ct_option *option)
{
    (void)walk;
    (void)option;
    return CT_PASS;
}

static enum ct_status refuse_odd(struct ct_walk *walk, const struct ct_option *option)
{
    const struct ct_option *size = ct_walk_option(walk, "size");
    bool odd = ct_option_int(size) == 100 && ct_option_bool(option);
    return odd ? ct_fail(walk, "a size of 100 cannot be compressed") : CT_PASS;
}

static const struct ct_option systems[] = { CT_STRING("FAT"), CT_STRING("FAT32"), CT_STRING("NTFS") };
static const struct ct_option sizes[] = { CT_INT(10), CT_INT(100), CT_INT(4096), CT_INT(10000, .label = "largest") };
static const struct ct_option flags[] = { CT_BOOL(false), CT_BOOL(true) };
static const struct ct_option methods[] = { CT_STRING("quick"), CT_STRING("slow"), CT_NULL };
static const struct ct_action disk_actions[] = { CT_ACTION("size", pass, sizes), CT_ACTION("method", pass, methods),
                                                 CT_SERIAL_ACTION("file system", pass, systems),
                                                 CT_ACTION("compression", refuse_odd, flags),
                                                 CT_ACTION_ONCE("end", pass) };
static const struct ct_suite disk = { .name = "disk",
                                      .actions = disk_actions,
                                      .action_count = CT_COUNT(disk_actions),
                                      .constraints = "IF [file system] = \"FAT\" THEN [size] <= 4096;\n"
                                                     "IF [file system] <> \"ntfs\" THEN [compression] = \"false\";\n"
                                                     "[size] <> \"largest\" OR [method] <> \"null\";" };

static const struct ct_strength three[] = { CT_STRENGTH(3, "size", "method", "file system") };
static const struct ct_suite mixed = { .name = "mixed",
                                       .actions = disk_actions,
                                       .action_count = CT_COUNT(disk_actions),
                                       .strengths = three,
                                       .strength_count = CT_COUNT(three),
                                       .seed_rows = "size\tmethod\nlargest\tnull\n10\n" };

static const struct ct_suite mistaken = { .name = "mistaken",
                                          .actions = disk_actions,
                                          .action_count = CT_COUNT(disk_actions),
                                          .constraints = "[size] > 10;\nIF [metod] = \"slow\" THEN [size] = 100;" };
static const struct ct_suite impossible = { .name = "impossible",
                                            .actions = disk_actions,
                                            .action_count = CT_COUNT(disk_actions),
                                            .constraints = "[size] > 10; [method] = \"slow\"; [size] = 10;" };
static const struct ct_suite narrow = { .name = "narrow",
                                        .actions = disk_actions,
                                        .action_count = CT_COUNT(disk_actions),
                                        .constraints = "[size] > 10; [method] = \"slow\" OR [size] > 100;" };

/* FAT takes no large sizes. */
static bool is_pointless(struct ct_walk *walk, size_t index)
{
    bool fat = strcmp(ct_option_string(ct_walk_option(walk, "file system")), "FAT") == 0;
    (void)index;
    return fat && ct_option_int(ct_walk_option(walk, "size")) > 100;
}

static bool crashes(struct ct_walk *walk, size_t index)
{
    (void)index;
    if (ct_option_int(ct_walk_option(walk, "size")) == 4096) abort();
    return false;
}

static bool hangs(struct ct_walk *walk, size_t index)
{
    (void)index;
    if (ct_option_int(ct_walk_option(walk, "size")) == 4096 && ct_option_bool(ct_walk_option(walk, "compression")))
        for (;;) pause();
    return false;
}

#define ASKING(suite_name, function, timeout)                                                                          \
    static const struct ct_action suite_name##_actions[] = {                                                           \
        CT_ACTION("size", pass, sizes), CT_ACTION("file system", pass, systems),                                       \
        CT_ACTION_WITH("method", pass, methods, .should_cancel = function), CT_ACTION("compression", pass, flags)      \
    };                                                                                                                 \
    static const struct ct_suite suite_name = { .name = #suite_name,                                                   \
                                                .actions = suite_name##_actions,                                       \
                                                .action_count = CT_COUNT(suite_name##_actions),                        \
                                                .timeout_ms = (timeout) };
ASKING(choosy, is_pointless, 0)
ASKING(brittle, crashes, 0)
ASKING(stubborn, hangs, 1000)

static char names[70][4];
static struct ct_action many_actions[70];
static struct ct_suite many = { .name = "many", .actions = many_actions, .action_count = CT_COUNT(many_actions) };

int main(int argc, char **argv)
{
    static const struct ct_suite *const suites[] = { &disk,   &mixed,   &mistaken, &impossible, &narrow,
                                                     &choosy, &brittle, &stubborn, &many };
    for (size_t i = 0; i < CT_COUNT(many_actions); i++) {
        names[i][0] = 'a';
        names[i][1] = (char)('0' + i / 10);
        names[i][2] = (char)('0' + i % 10);
        many_actions[i] = (struct ct_action)CT_ACTION(names[i], pass, flags);
    }
    return ct_main_suites(suites, CT_COUNT(suites), argc, argv);
}

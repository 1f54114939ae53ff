/* Hosts: how they are written in a list, what settings say of each, and how each mistake is named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <bootstrap/bootstrap.h>
#include <bootstrap/spec.h>
#include <bootstrap/ssh.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct ct__hosts *hosts;
static struct ct_error error;

static int tear_down(void **state)
{
    (void)state;
    ct__hosts_free(hosts);
    hosts = NULL;
    return 0;
}

/* The hosts of a file of settings, in hosts. */
static enum ct_err read_hosts(const char *text)
{
    struct ct_config *config = NULL;
    assert_int_equal(ct_config_load(NULL, &config, &error), CT_OK);
    if (ct__config_parse(config, "combtest.cfg", text, strlen(text), &error)) fail_msg("%s", error.text);
    enum ct_err err = ct__hosts_new(config, NULL, &hosts, &error);
    ct_config_free(config);
    return err;
}

static void refuse(const char *text, const char *message)
{
    assert_int_equal(read_hosts(text), CT_ECONFIG);
    assert_string_equal(error.text, message);
}

/* The i-th host and how ssh reaches it. */
static const struct ct_host *host_at(size_t i)
{
    assert_true(i < ct__hosts_count(hosts));
    return ct__hosts_at(hosts, i);
}

static const struct ct__ssh_settings *ssh_at(size_t i)
{
    return ct__hosts_ssh(hosts, host_at(i));
}

static void a_host_is_user_address_port_and_services(void **state)
{
    static const struct {
        const char *text;
        struct ct__spec spec;
    } rows[] = {
        { "a", { .name = "a", .address = "a" } },
        { "user@c:2222*8", { .name = "c:2222", .address = "c", .user = "user", .port = 2222, .services = 8 } },
        { "10.0.0.1*1024", { .name = "10.0.0.1", .address = "10.0.0.1", .services = 1024 } },
        { "fd00::1", { .name = "fd00::1", .address = "fd00::1" } },
        { "u@[fd00::1]:22", { .name = "[fd00::1]:22", .address = "fd00::1", .user = "u", .port = 22 } },
        { "[::1]", { .name = "[::1]", .address = "::1" } },
        { "a@b@c", { .name = "c", .address = "c", .user = "a@b" } },
    };
    (void)state;
    for (size_t i = 0; i < CT_COUNT(rows); i++) {
        struct ct__spec spec;
        if (ct__spec_read(rows[i].text, "--hosts", &spec, &error)) fail_msg("%s", error.text);
        assert_string_equal(spec.name, rows[i].spec.name);
        assert_string_equal(spec.address, rows[i].spec.address);
        assert_string_equal(spec.user, rows[i].spec.user);
        assert_int_equal(spec.port, rows[i].spec.port);
        assert_int_equal(spec.services, rows[i].spec.services);
    }
}

static void a_host_that_is_none_is_refused_with_what_is_wrong(void **state)
{
    static const struct {
        const char *text, *what;
    } rows[] = {
        { "a:0", "a port is a number from 1 to 65535" },
        { "a:65536", "a port is a number from 1 to 65535" },
        { "a:", "a port is a number from 1 to 65535" },
        { "a:ssh", "a port is a number from 1 to 65535" },
        { "[::1]22", "a port is a number from 1 to 65535" },
        { "a*0", "services are counted from 1 to 1024" },
        { "a*", "services are counted from 1 to 1024" },
        { "a*1025", "services are counted from 1 to 1024" },
        { "", "this is no host's name or address" },
        { "*3", "this is no host's name or address" },
        { "@a", "this is no user's name" },
        { "u@", "this is no host's name or address" },
        { "-oProxyCommand=x", "this is no host's name or address" },
        { "a;reboot", "this is no host's name or address" },
        { "$(id)@a", "this is no user's name" },
        { "[::1", "this is no host's name or address" },
        { "[a]", "this is no host's name or address" },
    };
    (void)state;
    for (size_t i = 0; i < CT_COUNT(rows); i++) {
        char expected[256];
        struct ct__spec spec;
        if (ct__spec_read(rows[i].text, "--hosts", &spec, &error) != CT_ECONFIG) fail_msg("%s: taken", rows[i].text);
        snprintf(expected, sizeof(expected), "--hosts: '%s': %s; ", rows[i].text, rows[i].what);
        if (strncmp(error.text, expected, strlen(expected)) != 0) fail_msg("%s, not %s", error.text, expected);
    }
}

static void no_hosts_are_none(void **state)
{
    (void)state;
    assert_int_equal(read_hosts("[SSH]\nusername = me\n"), CT_OK);
    assert_int_equal(ct__hosts_count(hosts), 0);
}

static void settings_of_all_hold_where_nothing_nearer_does(void **state)
{
    (void)state;
    const char *text = "[NET]\nmachine_ips = a, you@b:2222*8, c\n[SSH]\nusername = me\nport = 23\nrsakey = /k\n"
                       "username_map = {\"b\": \"no\", \"c\": \"mapped\"}\nrsakey_map = {\"c\": \"/m\"}\n"
                       "password = p\npassword_map = {\"c\": \"q\"}\nconnect_timeout = 2.5\naccept_new = 1\n"
                       "direct = yes\n[HOST a]\ndirect = no\n"
                       "[HOST c]\naddress = 10.0.0.3\nkey = ~/key\nservices = 4\nthreads = 2\n";
    setenv("HOME", "/nowhere", 1);
    if (read_hosts(text)) fail_msg("%s", error.text);
    assert_int_equal(ct__hosts_count(hosts), 3);
    assert_string_equal(host_at(0)->name, "a");
    assert_string_equal(ssh_at(0)->user, "me");
    assert_int_equal(ssh_at(0)->port, 23);
    assert_string_equal(ssh_at(0)->key, "/k");
    assert_int_equal(ssh_at(0)->connect_ms, 2500);
    assert_true(ssh_at(0)->accept_new && ssh_at(0)->agent);
    assert_string_equal(ssh_at(0)->known_hosts, "/nowhere/.ssh/known_hosts");
    assert_string_equal(host_at(1)->name, "b:2222");
    assert_string_equal(ssh_at(1)->user, "you");
    assert_int_equal(ssh_at(1)->port, 2222);
    assert_int_equal(host_at(1)->services, 8);
    assert_string_equal(ssh_at(2)->user, "mapped");
    assert_string_equal(ssh_at(2)->address, "10.0.0.3");
    assert_string_equal(ssh_at(2)->key, "/nowhere/key");
    assert_string_equal(ssh_at(2)->password, "q");
    assert_int_equal(host_at(2)->services, 4);
    assert_false(host_at(0)->direct);
    assert_true(host_at(1)->direct && host_at(2)->direct);
    assert_int_equal(host_at(2)->threads, 2);
}

static void a_section_with_the_port_comes_before_one_without(void **state)
{
    (void)state;
    const char *text = "[NET]\nmachine_ips = [\"h:1\", \"h:2\"]\n[HOST h]\nuser = all\nwork_dir = /w\n[HOST h:2]\n"
                       "user = two\nenvironment = {\"A\": \"1 2\", \"B_2\": \"\"}\nfiles = x, y z\n";
    if (read_hosts(text)) fail_msg("%s", error.text);
    assert_string_equal(ssh_at(0)->user, "all");
    assert_string_equal(ssh_at(1)->user, "two");
    assert_string_equal(host_at(1)->work_dir, "/w");
    assert_string_equal(host_at(1)->environment[0], "A=1 2");
    assert_string_equal(host_at(1)->environment[1], "B_2=");
    assert_null(host_at(1)->environment[2]);
    assert_string_equal(host_at(1)->files[1], "y z");
    assert_null(host_at(1)->files[2]);
    assert_null(host_at(0)->environment[0]);
    assert_null(host_at(0)->files[0]);
}

static void jump_hosts_have_settings_of_their_own(void **state)
{
    (void)state;
    const char *text = "[NET]\nmachine_ips = a, b, gate\n[SSH]\nusername = me\njump = gate\n[HOST gate]\nuser = guard\n"
                       "jump = none\n[HOST b]\njump = you@other:9\n";
    if (read_hosts(text)) fail_msg("%s", error.text);
    assert_string_equal(ssh_at(0)->jump->name, "gate");
    assert_string_equal(ssh_at(0)->jump->user, "guard");
    assert_null(ssh_at(0)->jump->jump);
    assert_string_equal(ssh_at(1)->jump->user, "you");
    assert_int_equal(ssh_at(1)->jump->port, 9);
    assert_null(ssh_at(1)->jump->jump);
    assert_null(ssh_at(2)->jump);
}

static void mistakes_are_named_with_their_place(void **state)
{
    (void)state;
    refuse(
        "\n[NET]\nmachine_ips = a,\n  b:x\n",
        "combtest.cfg:3: 'b:x': a port is a number from 1 to 65535; write [user@]host[:port][*services], and an IPv6 "
        "address with a port as [::1]:22");
    refuse("[NET]\nmachine_ips = a, a*2\n", "combtest.cfg:2: a is named twice; for more services there write a*8");
    refuse("[NET]\nmachine_ips = a\n[HOST a]\nenvironment = {\"A B\": \"1\"}\n",
           "combtest.cfg:4: 'A B' is no variable's name: letters, digits and _");
    refuse("[NET]\nmachine_ips = a\n[HOST a]\njump = b*3\n", "combtest.cfg:4: 'b*3': a jump host runs no services");
    refuse("[NET]\nmachine_ips = a\n[HOST a]\njump = b\n[HOST b]\njump = a\n",
           "combtest.cfg:4: a is behind more than 4 jump hosts, or behind itself");
    refuse("[NET]\nmachine_ips = a\n[SSH]\npassword_file = /nowhere/at-all\n",
           "combtest.cfg:4: /nowhere/at-all: cannot be read: No such file or directory");
}

static void a_secret_comes_from_the_first_line_of_a_file_of_ones_own(void **state)
{
    (void)state;
    char directory[] = "/tmp/combtest-hosts-XXXXXX", path[64], text[256], message[256];
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof(path), "%s/secret", directory);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("word of mine\nmore\n", file);
    fclose(file);
    snprintf(text, sizeof(text), "[NET]\nmachine_ips = a\n[HOST a]\npassword_file = %s\n", path);
    chmod(path, 0644);
    snprintf(message, sizeof(message), "combtest.cfg:4: %s: others may read this file; make it your own with chmod 600",
             path);
    refuse(text, message);
    chmod(path, 0600);
    if (read_hosts(text)) fail_msg("%s", error.text);
    assert_string_equal(ssh_at(0)->password, "word of mine");
    unlink(path);
    rmdir(directory);
}

static void a_list_may_begin_with_an_ipv6_address(void **state)
{
    (void)state;
    assert_int_equal(read_hosts("[NET]\nmachine_ips = [fd00::1]:22*2, b\n"), CT_OK);
    assert_int_equal(ct__hosts_count(hosts), 2);
    assert_string_equal(host_at(0)->address, "fd00::1");
    assert_int_equal(host_at(0)->services, 2);
    assert_string_equal(host_at(1)->name, "b");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_host_is_user_address_port_and_services),
        TEST(a_host_that_is_none_is_refused_with_what_is_wrong),
        TEST(no_hosts_are_none),
        TEST(settings_of_all_hold_where_nothing_nearer_does),
        TEST(a_section_with_the_port_comes_before_one_without),
        TEST(jump_hosts_have_settings_of_their_own),
        TEST(mistakes_are_named_with_their_place),
        TEST(a_secret_comes_from_the_first_line_of_a_file_of_ones_own),
        TEST(a_list_may_begin_with_an_ipv6_address),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}

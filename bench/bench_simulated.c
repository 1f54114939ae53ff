/* A fleet of 10,000 services that only speak the protocol, over TCP to a real coordinator: each joins with a connection
 * of its own, takes walks, and says at once that they passed, but for some that it says failed. What comes of it must
 * add up: each walk once. Then the same with a tenth of them dying in the middle of the run, with all they were given.
 */
#include "bench.h"
#include "service/join.h"
#include "service/proof.h"
#include "service/protocol.h"
#include "service/token.h"
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define JOINING_MAX 64       /* at the door at once */
#define FAIL_EVERY  1000003u /* one walk in so many fails */
#define BEAT_NS     1000000000

struct service {
    int fd;
    bool dead;
    uint32_t epoch, step;
    unsigned char nonce[CT__NONCE_SIZE];
    struct ct__bytes in;
};

/* What the process of the services tells the benchmark's, in shared memory. */
struct tally {
    int64_t dialed_ns, joined_ns, stopped_ns; /* the first dialed; all had joined; the run had all its results */
    uint64_t granted, grants;
    size_t bare_kb, full_kb; /* the coordinator's VmHWM, before any service came and at the end */
};

static struct tally *tally;
static struct service *services;
static size_t service_count, to_die, serving, died;
static uint64_t appetite, die_at;
static int epoll_fd;
static int door[2]; /* the URL, from the run's log to the services */
static pid_t coordinator;
static char token_path[64];
static struct ct__token token;

/* ---- a service ---- */

static void say(struct service *service, enum ct__frame kind, const struct ct__bytes *body, struct ct__bytes *out)
{
    ct__put_u32(out, (uint32_t)body->size + 5);
    ct__frame_begin(out, kind, service->epoch);
    ct__put_bytes(out, body->data, body->size);
}

/* All of it: what it says is short, and the coordinator always reads. */
static void speak(const struct service *service, struct ct__bytes *out)
{
    for (size_t at = 0; at < out->size;) {
        ssize_t sent = send(service->fd, out->data + at, out->size - at, MSG_NOSIGNAL);
        if (sent < 0) break;
        at += (size_t)sent;
    }
    ct__bytes_free(out);
}

static void say_alone(struct service *service, enum ct__frame kind, struct ct__bytes *body)
{
    struct ct__bytes out = { 0 };
    say(service, kind, body, &out);
    ct__bytes_free(body);
    speak(service, &out);
}

static void knock(struct service *service)
{
    struct ct__bytes body = { 0 };
    char name[32];
    snprintf(name, sizeof name, "simulated-%zu", (size_t)(service - services));
    ct__nonce_make(service->nonce, NULL);
    ct__put_u32(&body, CT__PROTOCOL_MAGIC);
    ct__put_u32(&body, CT__PROTOCOL_VERSION);
    ct__put_text(&body, CT__VERSION);
    ct__put_u8(&body, CT__ERRAND_BRIEF);
    ct__put_bytes(&body, service->nonce, sizeof service->nonce);
    ct__put_text(&body, name);
    say_alone(service, CT__FRAME_KNOCK, &body);
}

static void prove(struct service *service, struct ct__cursor *cursor)
{
    struct ct__bytes body = { 0 };
    unsigned char proof[CT__PROOF_SIZE];
    const unsigned char *theirs = ct__get_bytes(cursor, CT__NONCE_SIZE);
    if (!theirs || !ct__proof_make(token.text, CT__PROVER_SERVICE, service->nonce, theirs, proof))
        bench_stop("no challenge");
    ct__put_bytes(&body, proof, sizeof proof);
    say_alone(service, CT__FRAME_PROOF, &body);
}

/* Of the brief only the number of this life matters here. */
static void greet(struct service *service, struct ct__cursor *brief)
{
    struct ct__bytes body = { 0 };
    ct__get_u64(brief); /* magic and version */
    ct__get_text(brief);
    ct__get_text(brief);
    ct__get_u64(brief); /* the digest of the suite */
    ct__get_text(brief);
    const char *name = ct__get_text(brief);
    uint32_t life = ct__get_u32(brief);
    if (brief->bad || !name) bench_stop("no brief");
    ct__hello_put(&body, &(struct ct__hello){ .magic = CT__PROTOCOL_MAGIC,
                                              .version = CT__PROTOCOL_VERSION,
                                              .incarnation = 1,
                                              .services = 1,
                                              .threads = 1,
                                              .life = life,
                                              .token = "",
                                              .suite = "simulated",
                                              .host = name });
    say_alone(service, CT__FRAME_HELLO, &body);
}

static void put_request(struct service *service, struct ct__bytes *out)
{
    struct ct__bytes body = { 0 };
    ct__put_u64(&body, appetite);
    say(service, CT__FRAME_REQUEST, &body, out);
    ct__bytes_free(&body);
}

static void put_passed(struct ct__bytes *body, uint64_t first, uint64_t end)
{
    if (first == end) return;
    ct__put_u8(body, CT__ITEM_RANGE);
    ct__put_u64(body, first);
    ct__put_u64(body, end);
}

/* What came of the walks [first, end). */
static void put_results(struct ct__bytes *body, uint64_t first, uint64_t end)
{
    uint64_t fails = (first + FAIL_EVERY - 1) / FAIL_EVERY * FAIL_EVERY;
    for (; fails < end; fails += FAIL_EVERY) {
        put_passed(body, first, fails);
        ct__put_u8(body, CT__ITEM_RESULT);
        ct__result_put(body, &(struct ct__result){ .walk = fails, .status = CT_FAIL, .message = "it is to fail" });
        first = fails + 1;
    }
    put_passed(body, first, end);
}

static void die(struct service *service)
{
    close(service->fd);
    service->dead = true;
    serving--;
    died++;
}

/* Every so many services one, with its first walks after half of all were granted. */
static bool is_to_die(const struct service *service)
{
    return to_die > 0 && tally->granted >= die_at && (size_t)(service - services) % (service_count / to_die) == 0;
}

static void take_grant(struct service *service, struct ct__cursor *cursor)
{
    struct ct__bytes body = { 0 }, out = { 0 };
    ct__put_u32(&body, service->step);
    while (cursor->at < cursor->end && !cursor->bad) {
        if (ct__get_u8(cursor) != CT__ITEM_RANGE) bench_stop("an item that is no range");
        uint64_t first = ct__get_u64(cursor), end = ct__get_u64(cursor);
        put_results(&body, first, end);
        tally->granted += end - first;
    }
    tally->grants++;
    if (is_to_die(service)) {
        die(service);
    } else {
        say(service, CT__FRAME_RESULTS, &body, &out);
        put_request(service, &out);
        speak(service, &out);
    }
    ct__bytes_free(&body);
}

static size_t read_hwm_kb(void)
{
    char path[64], line[256];
    size_t kb = 0;
    snprintf(path, sizeof path, "/proc/%d/status", (int)coordinator);
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "VmHWM: %zu", &kb) == 1) break;
    if (file) fclose(file);
    return kb;
}

static void take_stop(struct service *service, struct ct__cursor *cursor)
{
    struct ct__bytes body = { 0 };
    if (tally->stopped_ns == 0) {
        tally->stopped_ns = bench_now_ns(CLOCK_MONOTONIC);
        tally->full_kb = read_hwm_kb();
    }
    ct__put_u8(&body, ct__get_u8(cursor));
    say_alone(service, CT__FRAME_STOPPED, &body);
}

static void take_frame(struct service *service, const unsigned char *data, size_t size)
{
    struct ct__cursor cursor = ct__cursor(data, size);
    uint8_t kind = ct__get_u8(&cursor);
    ct__get_u32(&cursor);
    switch (kind) {
    case CT__FRAME_CHALLENGE: prove(service, &cursor); return;
    case CT__FRAME_BRIEF: greet(service, &cursor); return;
    case CT__FRAME_WELCOME:
        service->epoch = ct__get_u32(&cursor);
        serving++;
        return;
    case CT__FRAME_STEP: service->step = ct__step_number(cursor.at, (size_t)(cursor.end - cursor.at)); return;
    case CT__FRAME_GRANT: take_grant(service, &cursor); return;
    case CT__FRAME_STOP: take_stop(service, &cursor); return;
    case CT__FRAME_REFUSED: bench_stop("a service was refused");
    default: return;
    }
}

static void hear(struct service *service)
{
    unsigned char *room = ct__bytes_room(&service->in, 4096);
    ssize_t got = room ? recv(service->fd, room, 4096, MSG_DONTWAIT) : -1;
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) {
        die(service);
        return;
    }
    service->in.size += (size_t)got;
    size_t at = 0;
    while (service->in.size - at >= 4 && !service->dead) {
        struct ct__cursor cursor = ct__cursor(service->in.data + at, 4);
        uint32_t size = ct__get_u32(&cursor);
        if (service->in.size - at - 4 < size) break;
        take_frame(service, service->in.data + at + 4, size);
        at += 4 + (size_t)size;
    }
    ct__bytes_drop(&service->in, at);
}

/* ---- their process ---- */

static void dial(struct service *service, const struct sockaddr_in *address)
{
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = service };
    int on = 1;
    service->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (service->fd < 0 || connect(service->fd, (const struct sockaddr *)address, sizeof *address) != 0)
        bench_stop(strerror(errno));
    setsockopt(service->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, service->fd, &event);
    knock(service);
}

static void await_events(void)
{
    static int64_t beaten_ns;
    struct epoll_event events[512];
    int count = epoll_wait(epoll_fd, events, CT_COUNT(events), 100);
    for (int i = 0; i < count; i++) {
        struct service *service = events[i].data.ptr;
        if (!service->dead) hear(service);
    }
    int64_t now = bench_now_ns(CLOCK_MONOTONIC);
    if (now - beaten_ns < BEAT_NS) return;
    beaten_ns = now;
    for (size_t i = 0; i < service_count; i++) { /* a sign of life of each, as links give it */
        struct ct__bytes body = { 0 };
        if (services[i].dead || services[i].epoch == 0) continue;
        ct__put_u64(&body, 0);
        say_alone(&services[i], CT__FRAME_BEAT, &body);
    }
}

/* Nobody asks for walks before all have come. */
static void join_all(const struct sockaddr_in *address)
{
    size_t dialed = 0;
    tally->dialed_ns = bench_now_ns(CLOCK_MONOTONIC);
    while (serving < service_count) {
        while (dialed < service_count && dialed - serving < JOINING_MAX) dial(&services[dialed++], address);
        await_events();
    }
    tally->joined_ns = bench_now_ns(CLOCK_MONOTONIC);
    for (size_t i = 0; i < service_count; i++) {
        struct ct__bytes out = { 0 };
        put_request(&services[i], &out);
        speak(&services[i], &out);
    }
}

/* The other process that the benchmark's has forked. */
static void find_coordinator(void)
{
    char path[64], children[256] = "";
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)getppid(), (int)getppid());
    FILE *file = fopen(path, "re");
    if (!file || !fgets(children, sizeof children, file)) bench_stop("no coordinator");
    fclose(file);
    char *end = children;
    for (long pid; (pid = strtol(end, &end, 10)) > 0;)
        if (pid != getpid()) coordinator = (pid_t)pid;
}

_Noreturn static void services_main(void)
{
    char url[256] = "";
    unsigned port = 0;
    struct ct_error error;
    close(door[1]);
    if (read(door[0], url, sizeof url - 1) <= 0 || sscanf(url, "tcp://127.0.0.1:%u", &port) != 1) _exit(1);
    if (ct__token_read(token_path, &token, &error) != CT_OK) bench_stop(error.text);
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    services = calloc(service_count, sizeof *services);
    if (!services) bench_stop("out of memory");
    find_coordinator();
    tally->bare_kb = read_hwm_kb();
    join_all(&address);
    while (serving > 0) await_events();
    _exit(0);
}

/* ---- the run ---- */

static size_t hundred = 100, rest;

static enum ct_status never(struct ct_walk *walk, const struct ct_option *option)
{
    (void)walk;
    (void)option;
    bench_stop("a walk ran");
}

static const struct ct_action actions[] = {
    { .name = "one", .run = never, .source = bench_count_up, .source_user = &hundred },
    { .name = "two", .run = never, .source = bench_count_up, .source_user = &hundred },
    { .name = "three", .run = never, .source = bench_count_up, .source_user = &hundred },
    { .name = "four", .run = never, .source = bench_count_up, .source_user = &rest },
};
static const struct ct_suite suite = { .name = "simulated", .actions = actions, .action_count = CT_COUNT(actions) };

static void take_line(void *user, enum ct_log_level level, const char *line)
{
    const char *join = strstr(line, " --join ");
    (void)user;
    (void)level;
    if (join && write(door[1], join + 8, strcspn(join + 8, " ")) < 0) bench_stop(strerror(errno));
}

/* Every walk once, as those that were to fail tell from the others. */
static void check(const struct ct_results *results, uint64_t walks)
{
    uint64_t fails = (walks + FAIL_EVERY - 1) / FAIL_EVERY;
    bool right = results->walk_count == walks && results->counts[CT_FAIL] == fails &&
                 results->counts[CT_PASS] == walks - fails && (to_die > 0 || tally->granted == walks);
    for (size_t i = 0; i < results->failed_id_count; i++) right = right && results->failed_ids[i] == i * FAIL_EVERY;
    if (right) return;
    fprintf(stderr, "of %" PRIu64 " walks %" PRIu64 " passed and %" PRIu64 " failed, %" PRIu64 " were granted: %s\n",
            walks, results->counts[CT_PASS], results->counts[CT_FAIL], tally->granted,
            results->note ? results->note : "");
    exit(1);
}

static void simulate(uint64_t walks)
{
    struct ct_run_options options = {
        .services = -1, .listen = "tcp://127.0.0.1:0", .token_file = token_path, .log = take_line, .verbose = -1
    };
    struct ct_results *results = NULL;
    struct ct_error error;
    *tally = (struct tally){ 0 };
    rest = walks / 1000000;
    die_at = walks / 2;
    remove(token_path);
    if (pipe(door) != 0) bench_stop(strerror(errno));
    pid_t pid = fork();
    if (pid == 0) services_main();
    if (ct_run_tests(&suite, &options, &results, &error) != CT_OK) bench_stop(error.text);
    close(door[0]);
    close(door[1]);
    waitpid(pid, NULL, 0);
    remove(token_path);
    check(results, walks);
    ct_results_free(results);
}

static void print(const char *what, double value, const char *unit)
{
    char line[96];
    snprintf(line, sizeof line, "%zu services, %s", service_count, what);
    bench_print(line, value, unit);
}

static double seconds(int64_t from_ns, int64_t to_ns)
{
    return (double)(to_ns - from_ns) / 1e9;
}

static void measure(uint64_t walks, uint64_t asked)
{
    char what[64];
    appetite = asked;
    simulate(walks);
    double took_s = seconds(tally->joined_ns, tally->stopped_ns);
    snprintf(what, sizeof what, "%" PRIu64 " walks for each request", asked);
    print(what, (double)walks / took_s / 1e6, "million/s");
    print("grants", (double)tally->grants / took_s / 1e3, "thousand/s");
}

int main(int argc, char **argv)
{
    static const uint64_t millions[] = { [BENCH_QUICK] = 5, [BENCH_NORMAL] = 20, [BENCH_LONG] = 100 };
    uint64_t walks = millions[bench_size(argc, argv)] * 1000000;
    struct rlimit files;
    tally = bench_shared(sizeof *tally);
    snprintf(token_path, sizeof token_path, "/tmp/bench_simulated.%d", (int)getpid());
    service_count = argc > 1 && atoi(argv[argc - 1]) > 0 ? (size_t)atoi(argv[argc - 1]) : 10000;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_max < service_count + 100) bench_stop("the limit of open files (ulimit -Hn) is too low");
    measure(walks, 1000);
    print("joining", (double)service_count / seconds(tally->dialed_ns, tally->joined_ns), "1/s");
    print("the coordinator's memory (VmHWM)", (double)tally->full_kb / 1024, "MB");
    print("of it for each service", (double)(tally->full_kb - tally->bare_kb) / (double)service_count, "KB");
    measure(walks, 100);
    to_die = service_count / 10;
    simulate(walks);
    print("a tenth of them dying half-way", seconds(tally->joined_ns, tally->stopped_ns), "s");
    return 0;
}

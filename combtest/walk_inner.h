/* Inner header of room combtest/: what a walk object holds, for walk*.c and state.c. */
#ifndef COMBTEST_WALK_INNER_H
#define COMBTEST_WALK_INNER_H
#include <combtest/core.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>

struct ct_walk {
    const struct ct_plan *plan;
    uint64_t id;
    uint64_t decoded_id; /* the id that options are of */
    const struct ct_option **options;
    enum ct__walk_kind kind;
    size_t stage;
    size_t action; /* CT__NO_ACTION: none */
    _Atomic uint32_t *action_shown;
    _Atomic uint32_t *part_shown;
    _Atomic uint32_t unseen, unseen_part; /* what is shown while nobody watches */
    _Atomic int said;                     /* enum ct_status; written under lock once user code runs */
    bool holds;                           /* something below that ct__walk_close must drop */

    const struct ct__voice *voice;
    void *voice_user;
    const char *scratch;
    char *tmpdir;

    json_t *start; /* what walks begin with that bring nothing */
    json_t *own;   /* what this walk brought, or NULL */
    json_t *state; /* its copy, once it was asked for */
    json_t *updates;
    void *prototype; /* made of start, for the copy function of a state type */
    void *pointer;   /* the state of a state type, once it was needed */
    bool pointer_asked;

    pthread_mutex_t lock; /* guards what follows, and said: run may have started threads that speak too */
    size_t message_size;  /* without what more_checks adds */
    unsigned more_checks;
    char message[CT__MESSAGE_MAX];
};

/* Says fail without a place in user code. */
void ct__walk_fail(struct ct_walk *walk, const char *format, ...) __attribute__((format(printf, 2, 3)));

bool ct__state_init(struct ct_walk *walk, const json_t *start); /* start is copied; false: no memory */
void ct__state_close(struct ct_walk *walk);                     /* drops what the walk had */
void ct__state_free(struct ct_walk *walk);                      /* drops what all walks of the object share */
void ct__tmpdir_remove(struct ct_walk *walk);
#endif

/* Dialogues for the tests of src/http: what each side says, fed in every way that must not matter, and the list of
 * exchanges as text. */
#ifndef TESTS_HTTP_DIALOGUE_H
#define TESTS_HTTP_DIALOGUE_H

#include "http/http.h"

enum say_kind { SAY_BYTES, SAY_GAP, SAY_END };

/* One saying; its packet's number is its place in the dialogue, from 1. */
struct say {
    enum wt_side side;
    enum say_kind kind;
    const void *bytes;
    size_t n;
};

#define C(text)                                                                                                        \
    {                                                                                                                  \
        WT_CLIENT, SAY_BYTES, text, sizeof(text) - 1                                                                   \
    }
#define S(text)                                                                                                        \
    {                                                                                                                  \
        WT_SERVER, SAY_BYTES, text, sizeof(text) - 1                                                                   \
    }
#define GAP(side)                                                                                                      \
    {                                                                                                                  \
        side, SAY_GAP, NULL, 0                                                                                         \
    }
#define END(side)                                                                                                      \
    {                                                                                                                  \
        side, SAY_END, NULL, 0                                                                                         \
    }

/* How a dialogue is fed. The order within a side is always its own. */
enum way {
    WAY_WHOLE,        /* as it stands */
    WAY_BYTES,        /* byte by byte */
    WAY_CLIENT_FIRST, /* all that the client says, then the server */
    WAY_SERVER_FIRST,
    WAY_TURNS, /* a byte of each in turns */
    WAY_COUNT
};

/* The list as text, of which nothing is left then. */
void tell_list(struct wt_http *h, struct wt_arena *arena, char *out, size_t room);

/* The list as text: a line for each exchange, see dialogue.c; before them the name, behind them why a side stopped.
 * Written into out. */
void tell_way(const struct say *said, size_t count, enum way way, char *out, size_t room);
/* In pieces of random sizes, the sides at random: the same for the same seed. */
void tell_random(const struct say *said, size_t count, unsigned seed, char *out, size_t room);
/* As it stands, cut in two at a byte of the dialogue. */
void tell_cut(const struct say *said, size_t count, size_t cut, char *out, size_t room);

/* `want` in every way and cut at every byte. With `order` false only in ways that keep the order between the sides. */
void expect_always(const struct say *said, size_t count, bool order, const char *want);
/* As it stands, only. */
void expect_so(const struct say *said, size_t count, const char *want);

#define ALWAYS(said, want) expect_always(said, sizeof(said) / sizeof *(said), true, want)
#define IN_ORDER(said, want) expect_always(said, sizeof(said) / sizeof *(said), false, want)
#define SO(said, want) expect_so(said, sizeof(said) / sizeof *(said), want)

#endif

/* A script of reads over random bytes. The input's first half is the script, the second what is read.
 *
 * Held to: the same values with and without a trail, and with a trail too small; offsets that only grow; nothing from a
 * reader after the first failure; spans inside the message; what was read is what the writer writes. */
#include "base/reader.h"
#include "base/writer.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { DEEPEST = 8 };

static void hold(bool so, const char *what)
{
    if (so)
        return;
    fprintf(stderr, "fuzz_reader: %s\n", what);
    abort();
}

struct run {
    struct wt_decode decode;
    struct wt_span message;
    uint64_t digest; /* of all values and spans, in order */
    struct wt_reader stack[DEEPEST];
    unsigned depth;
};

static void note(struct run *run, uint64_t value)
{
    run->digest = (run->digest ^ value) * 0x100000001b3u;
}

static void note_span(struct run *run, struct wt_span s)
{
    if (run->decode.lost)
        hold(s.n == 0, "bytes after a failure");
    if (s.n)
        hold(s.p >= run->message.p && s.p + s.n <= run->message.p + run->message.n, "a span outside the message");
    note(run, s.n);
    for (size_t i = 0; i < s.n; i++)
        note(run, s.p[i]);
}

static void push(struct run *run, struct wt_reader r)
{
    hold(!run->decode.lost || wt_reader_left(&r) == 0, "a reader that is not empty after a failure");
    if (run->depth + 1 < DEEPEST)
        run->stack[++run->depth] = r;
    else
        (void)wt_reader_close(&r, "deepest");
}

static void number(struct run *run, struct wt_reader *r, unsigned width, unsigned kind)
{
    const uint8_t *p = r->p;
    uint64_t value = wt_read_number(r, "number", width, kind);
    uint8_t again[8];
    hold(!run->decode.lost || value == 0, "a value after a failure");
    if (!run->decode.lost) {
        struct wt_writer w = wt_writer_start(again, sizeof again);
        wt_write_number(&w, value, width);
        hold(w.error.code == WT_OK && w.n == width && memcmp(again, p, width) == 0, "written, it is another number");
    }
    note(run, value);
}

static void step(struct run *run, uint8_t op, uint8_t argument)
{
    struct wt_reader *r = &run->stack[run->depth];
    unsigned width = 1 + argument % 3;
    size_t low = argument >> 6, high = argument & 63;
    bool was_there = !run->decode.lost; /* an error that leaves the next field where it is lets reading go on */
    size_t offset = was_there ? wt_reader_offset(r) : 0;
    switch (op % 10) {
    case 0:
        number(run, r, 1 + argument % 8, argument >> 3);
        break;
    case 1:
        note_span(run, wt_read_bytes(r, "bytes", argument & 31));
        break;
    case 2:
        note_span(run, wt_read_opaque(r, "opaque", width, low, high << (op >> 5), WT_TRAIL_TEXT));
        break;
    case 3:
        push(run, wt_read_vector(r, "vector", width, low, high << (op >> 5), WT_TRAIL_LIST));
        return;
    case 4:
        push(run, wt_read_part(r, "part", argument & 31, WT_TRAIL_STRUCT));
        return;
    case 5:
        note_span(run, wt_read_codes(r, "codes", "code", width, low, high << (op >> 5), 1 + (op >> 7), 3));
        break;
    case 6:
        if (run->depth) {
            (void)wt_reader_close(r, "inner");
            run->depth--;
        }
        return;
    case 7: {
        size_t mark = wt_read_enter(r, "struct");
        number(run, r, width, 0);
        wt_read_leave(r, mark);
        break;
    }
    case 8:
        note_span(run, wt_read_rest(r, "rest"));
        break;
    default:
        if (argument == 0)
            wt_reader_fail(r, WT_VALUE, "asked for", op, argument, "RFC");
        break;
    }
    if (was_there && !run->decode.lost)
        hold(wt_reader_offset(r) >= offset && wt_reader_offset(r) <= run->message.n, "an offset that goes back");
    else
        hold(wt_read_u8(r, "probe") == 0 && wt_reader_left(r) == 0, "a reader that gives after a failure");
}

static void play(struct run *run, struct wt_span script, struct wt_span message, struct wt_trail *trail)
{
    *run = (struct run){.message = message};
    run->stack[0] = wt_reader_start(&run->decode, message, trail);
    for (size_t i = 0; i + 2 <= script.n; i += 2) {
        struct wt_error before = run->decode.error;
        step(run, script.p[i], script.p[i + 1]);
        hold(before.code == WT_OK || memcmp(&before, &run->decode.error, sizeof before) == 0, "an error that changed");
    }
    while (run->depth)
        (void)wt_reader_close(&run->stack[run->depth--], "inner");
    note(run, wt_reader_close(&run->stack[0], "message"));
}

static void check_trail(const struct wt_trail *t, size_t n)
{
    for (size_t i = 0; i < t->n; i++) {
        const struct wt_trail_event *e = &t->events[i];
        hold(e->field != NULL, "an event without a name");
        hold((size_t)e->offset + e->length <= n && e->prefix <= e->offset, "an event outside the message");
        hold(i == 0 ? e->depth == 0 : e->depth <= e[-1].depth + 1, "an event deeper than its parent's child");
        hold(wt_trail_next(t, i) > i && wt_trail_next(t, i) <= t->n, "a subtree without an end");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct wt_trail_event events[4096];
    static struct run plain, traced, small;
    struct wt_trail trail = {events, 0, 4096, 0};
    size_t n = size - size / 2;
    /* Exactly as long as it is, so that the sanitizers see the first byte beyond. */
    uint8_t *copy = malloc(n ? n : 1);
    if (!copy)
        return 0;
    if (n)
        memcpy(copy, data + size / 2, n);
    struct wt_span script = {data, size / 2}, message = {copy, n};
    play(&plain, script, message, NULL);
    play(&traced, script, message, &trail);
    check_trail(&trail, n);
    hold(plain.digest == traced.digest, "the trail changes the answer");
    hold(memcmp(&plain.decode.error, &traced.decode.error, sizeof plain.decode.error) == 0,
         "the trail changes the error");
    size_t all = trail.n + trail.lost;
    trail = (struct wt_trail){events, 0, size % 7, 0};
    play(&small, script, message, &trail);
    check_trail(&trail, n);
    hold(small.digest == plain.digest, "a small trail changes the answer");
    hold(trail.n + trail.lost == all, "events that are neither kept nor counted");
    free(copy);
    return 0;
}

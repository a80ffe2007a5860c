#include "between.h"

enum { RECORD = 5, MESSAGE = 4 };

static void put(struct between *b, const void *bytes, size_t n)
{
    assert_true(wt_buffer_add(&b->out, bytes, n));
}

/* A record of that head, with another fragment. */
static void put_record(struct between *b, const uint8_t *head, struct wt_span fragment)
{
    const uint8_t other[RECORD] = {head[0], head[1], head[2], (uint8_t)(fragment.n >> 8), (uint8_t)fragment.n};
    put(b, other, sizeof other);
    put(b, fragment.p, fragment.n);
}

static void change_byte(const struct between *b, uint8_t *p, size_t n)
{
    size_t at = b->at < 0 ? n - (size_t)-b->at : (size_t)b->at;
    assert_true(at < n);
    p[at] = b->what == BETWEEN_SET ? b->value : p[at] ^ 1;
}

static void set_length(uint8_t *message, size_t n)
{
    message[1] = (uint8_t)(n >> 16);
    message[2] = (uint8_t)(n >> 8);
    message[3] = (uint8_t)n;
}

/* The message at p, which has n bytes with its header, as it becomes. */
static void put_message(struct between *b, struct wt_buffer *out, const uint8_t *p, size_t n)
{
    size_t from = out->n;
    if (b->what == BETWEEN_BEFORE || b->what == BETWEEN_INSTEAD)
        assert_true(wt_buffer_add(out, b->bytes, b->length));
    if (b->what == BETWEEN_DROP || b->what == BETWEEN_INSTEAD)
        return;
    assert_true(wt_buffer_add(out, p, n));
    uint8_t *m = out->p + from;
    if (b->what == BETWEEN_FLIP || b->what == BETWEEN_SET)
        change_byte(b, m + MESSAGE, n - MESSAGE);
    if (b->what == BETWEEN_LENGTH)
        set_length(m, n - MESSAGE + 1);
    if (b->what == BETWEEN_CUT) {
        out->n--;
        set_length(m, n - MESSAGE - 1);
    }
    if (b->what == BETWEEN_TWICE)
        assert_true(wt_buffer_add(out, p, n));
}

static bool messages(struct between *b, const uint8_t *head, struct wt_span fragment)
{
    struct wt_buffer out = {0};
    bool found = false;
    for (size_t at = 0; at + MESSAGE <= fragment.n;) {
        const uint8_t *m = fragment.p + at;
        size_t n = MESSAGE + ((size_t)m[1] << 16 | (size_t)m[2] << 8 | m[3]);
        if (n > fragment.n - at)
            n = fragment.n - at;
        if (!found && m[0] == b->message) {
            put_message(b, &out, m, n);
            found = true;
        } else {
            assert_true(wt_buffer_add(&out, m, n));
        }
        at += n;
    }
    if (found && out.n)
        put_record(b, head, wt_buffer_span(&out));
    wt_buffer_free(&out);
    return found;
}

static void record(struct between *b, const uint8_t *head, struct wt_span fragment)
{
    if (b->what == BETWEEN_BEFORE || b->what == BETWEEN_INSTEAD)
        put(b, b->bytes, b->length);
    if (b->what == BETWEEN_DROP || b->what == BETWEEN_INSTEAD)
        return;
    size_t from = b->out.n;
    put_record(b, head, b->what == BETWEEN_CUT ? wt_span_cut(fragment, 0, fragment.n - 1) : fragment);
    if (b->what == BETWEEN_FLIP || b->what == BETWEEN_SET)
        change_byte(b, b->out.p + from + RECORD, fragment.n);
    if (b->what == BETWEEN_TWICE)
        put_record(b, head, fragment);
}

struct wt_span between_change(void *context, unsigned side, struct wt_span sent)
{
    struct between *b = context;
    b->out.n = 0;
    while (sent.n) {
        size_t n = RECORD + ((size_t)sent.p[3] << 8 | sent.p[4]);
        assert_true(sent.n >= n); /* whole records are handed on */
        const uint8_t *head = sent.p;
        const struct wt_span fragment = wt_span_of(sent.p + RECORD, n - RECORD);
        bool is = !b->done && side == b->side && (!b->type || head[0] == b->type);
        if (is && b->message)
            b->done = head[0] == WT_CONTENT_HANDSHAKE && messages(b, head, fragment);
        else if (is && ++b->seen == b->record) {
            record(b, head, fragment);
            b->done = true;
        } else
            is = false;
        if (!is || !b->done)
            put(b, head, n);
        sent = wt_span_cut(sent, n, SIZE_MAX);
    }
    return wt_buffer_span(&b->out);
}

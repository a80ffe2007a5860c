/* The observer of DTLS: whatever datagrams, in whatever order, with a key log that may open them.
 *
 * The first byte has the options: bit 0 messages are kept, bit 1 there is a key log. Two bytes of its length and its
 * text come next, then steps: a byte (bit 0: the server sends; bit 1: from another port of the client's; bit 2: the
 * datagram before comes once more; bit 3: it is kept back, and comes after the next; bits 4 to 7: how much later), two
 * bytes of length, so many bytes of payload. Held to, beyond what watch.h holds: what is told of records adds up. */
#include "watch.h"
#include "wiretale/dtls.h"
#include "wiretale/keys.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEADS = 28, MOST = 4096, MESSAGES = 1, KEYS = 2 };

struct stage {
    struct heard heard; /* first: watch.h's callbacks see this */
    struct wt_observer *observer;
    uint32_t frame;
    int64_t now;
    struct wt_span before, kept; /* datagrams; `kept`: one that comes late */
    uint8_t how_before, how_kept;
};

static void on_dtls(void *context, const struct wt_connection *c)
{
    on_connection(context, c);
    const struct wt_dtls_story *d = c->dtls;
    if (c->protocol == WT_PROTOCOL_QUIC) /* any bytes may be a long header */
        return;
    hold(d && c->protocol == WT_PROTOCOL_DTLS, "a connection over UDP that is no DTLS");
    hold(d->list_count <= d->records && d->replays <= d->records, "more records than there were");
    for (size_t i = 1; i < d->list_count; i++)
        hold(d->list[i - 1].frame <= d->list[i].frame, "records that are not in their order");
    for (size_t i = 0; i < c->message_count; i++)
        for (size_t k = 0; k < i && c->message_count < 64; k++)
            hold(!(c->messages[i].flags & c->messages[k].flags & WT_MESSAGE_SEQUENCE) ||
                     c->messages[i].from != c->messages[k].from ||
                     c->messages[i].message_seq != c->messages[k].message_seq ||
                     c->messages[i].epoch != c->messages[k].epoch || c->messages[i].epoch,
                 "a message that is told twice");
}

static void put(uint8_t *p, uint32_t v, unsigned width)
{
    for (unsigned i = 0; i < width; i++)
        p[i] = (uint8_t)(v >> (8 * (width - 1 - i)));
}

static void packet(struct stage *s, uint8_t how, struct wt_span payload)
{
    uint8_t p[HEADS + MOST] = {0x45};
    const unsigned server = how & 1;
    const uint32_t port = how & 2 ? 50000 : 40000;
    if (!payload.n)
        return;
    put(p + 2, (uint32_t)(HEADS + payload.n), 2);
    p[8] = 64;
    p[9] = 17;
    put(p + 12, 0xc0000201 + server, 4);
    put(p + 16, 0xc0000201 + !server, 4);
    put(p + 20, server ? 443 : port, 2);
    put(p + 22, server ? port : 443, 2);
    put(p + 24, (uint32_t)(8 + payload.n), 2);
    memcpy(p + HEADS, payload.p, payload.n);
    s->now += 1000000 + (int64_t)(how >> 4) * 250000000;
    const struct wt_packet one = {.frame = ++s->frame,
                                  .link = LINKTYPE_RAW,
                                  .time = {s->now, 6},
                                  .length = (uint32_t)(HEADS + payload.n),
                                  .original = (uint32_t)(HEADS + payload.n),
                                  .data = p};
    wt_observer_packet(s->observer, &one);
}

static void steps(struct stage *s, const uint8_t *data, size_t size)
{
    while (size >= 3) {
        const uint8_t how = data[0];
        const size_t n = (size_t)data[1] << 8 | data[2];
        data += 3;
        size -= 3;
        const struct wt_span payload = take(&data, &size, n < MOST ? n : MOST);
        if (how & 4)
            packet(s, s->how_before, s->before);
        if (how & 8 && !s->kept.n) {
            s->kept = payload;
            s->how_kept = how;
            continue;
        }
        packet(s, how, payload);
        s->before = payload;
        s->how_before = how;
        packet(s, s->how_kept, s->kept);
        s->kept.n = 0;
    }
    packet(s, s->how_kept, s->kept);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3)
        return 0;
    struct stage s = {.heard = {.last_stream = -1, .many_files = true}, .now = INT64_C(1700000000000000000)};
    const uint8_t how = data[0];
    const size_t n = (size_t)data[1] << 8 | data[2];
    data += 3;
    size -= 3;
    const struct wt_span text = take(&data, &size, n);
    struct wt_keys *keys = how & KEYS ? wt_keys_new(NULL, NULL) : NULL;
    struct wt_keys_log *log = keys ? wt_keys_log_open(keys, "keys", false) : NULL;
    if (log) {
        wt_keys_log_feed(log, text.p, text.n);
        wt_keys_log_close(log);
    }
    const struct wt_observer_options options = {.size = sizeof options,
                                                .connection = on_dtls,
                                                .context = &s,
                                                .keep_messages = how & MESSAGES,
                                                .keys = keys,
                                                .max_memory = 1u << 26};
    s.observer = wt_observer_new(&options, NULL);
    if (s.observer) {
        wt_observer_file(s.observer, "capture");
        steps(&s, data, size);
        wt_observer_finish(s.observer);
    }
    wt_observer_free(s.observer);
    wt_keys_free(keys);
    return 0;
}

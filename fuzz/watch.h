/* An observer that is told whatever a fuzzer comes up with, and all that is made of its stories: JSON with messages,
 * text with explanations, a filter. Held to: every conversation told once and in order, counts that add up, strings
 * that end, JSON of one line. */
#ifndef WT_FUZZ_WATCH_H
#define WT_FUZZ_WATCH_H

#include "mutate_steps.h"

#include "registry/limits.h"
#include "wiretale/filter.h"
#include "wiretale/observer.h"
#include "wiretale/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STREAMS, SEGMENTS, PACKETS };
enum { LINKTYPE_RAW = 101, IP_HEAD = 20, TCP_HEAD = 20 };

static inline void hold(bool so, const char *what)
{
    if (so)
        return;
    fprintf(stderr, "fuzz: %s\n", what);
    abort();
}

struct heard {
    struct wt_filter *filter;
    uint64_t told, elsewhere, established, failed, incomplete;
    int64_t last_stream;
    uint32_t last_frame; /* the first of the connection reported last */
    bool many_files;
    bool brief;      /* no text story: with explanations it takes longer than all the rest */
    uint32_t record; /* as in the options */
    uint8_t record_side;
};

struct sink {
    size_t bytes, lines;
    char last;
};

static inline bool count(void *context, const char *bytes, size_t length)
{
    struct sink *s = context;
    for (size_t i = 0; i < length; i++)
        s->lines += bytes[i] == '\n';
    if (length)
        s->last = bytes[length - 1];
    s->bytes += length;
    return true;
}

static inline void report(const struct heard *h, const struct wt_connection *c, bool messages)
{
    struct sink json = {0}, text = {0}, line = {0};
    struct wt_output output = {count, &json, false};
    const struct wt_json_options whole = {sizeof whole, .messages = messages, .places = messages, .packets = true};
    const struct wt_text_options wide = {.size = sizeof wide,
                                         .columns = 120,
                                         .color = true,
                                         .explain = true,
                                         .bytes = true,
                                         .secrets = true,
                                         .record = h->record,
                                         .record_side = h->record_side},
                                 narrow = {.size = sizeof narrow, .columns = 60, .ascii = true},
                                 pipe = {.size = sizeof pipe, .columns = 60, .unbroken = true};
    wt_report_json_connection(&output, c, &whole);
    hold(json.lines == 1 && json.last == '\n', "JSON that is not one line");
    output = (struct wt_output){count, &line, false};
    wt_report_text_line(&output, c, &narrow);
    hold(line.lines >= 1 && line.lines <= 32 && line.last == '\n', "a line that is too many lines");
    line = (struct sink){0};
    wt_report_text_line(&output, c, &pipe);
    hold(line.lines == 1 && line.last == '\n', "a line into a pipe that is not one line");
    if (h->brief)
        return;
    output = (struct wt_output){count, &text, false};
    wt_report_text_story(&output, c, messages ? &wide : &narrow);
    hold(text.bytes > 0, "no story");
}

static inline void check(const struct wt_connection *c)
{
    char address[46];
    hold(c->state <= WT_FAILED && c->layer_count <= sizeof c->layers, "a state or layer that is none");
    hold(strlen(wt_address_format(&c->client, address)) < sizeof address, "an address too long");
    hold(c->finding_count <= WT_LIMIT_FINDINGS && c->alert_count <= WT_LIMIT_ALERTS, "a limit that does not hold");
    for (size_t i = 0; i < c->finding_count; i++)
        hold(c->findings[i].id && c->findings[i].text && strlen(c->findings[i].text) > 0, "a finding without words");
    for (unsigned side = 0; side < 2; side++)
        hold(c->certificate_count[side] <= WT_LIMIT_CHAIN, "a chain over its limit");
    for (size_t i = 0; i < c->message_count; i++) {
        const struct wt_message *m = &c->messages[i];
        hold(m->from <= WT_SERVER, "a message from nobody");
        hold(m->body.n <= WT_LIMIT_HANDSHAKE_MESSAGE, "a body over its limit");
        if (m->flags & WT_MESSAGE_TYPED)
            (void)wt_message_type_name(m);
    }
}

static inline void on_connection(void *context, const struct wt_connection *c)
{
    struct heard *h = context;
    /* each file numbers from 0; a conversation that begins anew keeps its number; UDP has numbers of its own, and
     * several connections of one */
    if (!c->quic && !c->dtls) {
        hold((int64_t)c->stream > h->last_stream || h->many_files || c->first_frame > h->last_frame,
             "told twice, or out of order");
        h->last_stream = c->stream;
        h->last_frame = c->first_frame;
    }
    h->told++;
    h->elsewhere += c->counted_elsewhere;
    h->established += !c->counted_elsewhere && c->state == WT_ESTABLISHED;
    h->failed += !c->counted_elsewhere && c->state == WT_FAILED;
    h->incomplete += !c->counted_elsewhere && c->state == WT_INCOMPLETE;
    check(c);
    report(h, c, c->messages != NULL);
    if (h->filter)
        (void)wt_filter_match(h->filter, c);
}

static inline void on_known(void *context, const struct wt_connection *c)
{
    hold(c->state != WT_INCOMPLETE, "known, and not known");
    check(c);
    report(context, c, false);
}

static inline struct wt_span take(const uint8_t **data, size_t *size, size_t n)
{
    if (n > *size)
        n = *size;
    struct wt_span s = {*data, n};
    *data += n;
    *size -= n;
    return s;
}

static inline unsigned take_byte(const uint8_t **data, size_t *size)
{
    struct wt_span s = take(data, size, 1);
    return s.n ? s.p[0] : 0;
}

static inline size_t take_length(const uint8_t **data, size_t *size)
{
    return step_length(take_byte(data, size));
}

/* A copy of its own, so that the sanitizers see the first byte beyond. */
static inline uint8_t *copy_of(struct wt_span s)
{
    uint8_t *copy = malloc(s.n ? s.n : 1);
    if (copy && s.n)
        memcpy(copy, s.p, s.n);
    return copy;
}

static inline void streams(struct wt_observer *o, const uint8_t *data, size_t size)
{
    static const struct wt_address client = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 192, 0, 2, 1}, 40000},
                                   server = {{0x20, 1, 0xd, 0xb8}, 443};
    struct wt_stream *stream[2] = {0};
    struct wt_time now = {1000000000, 9};
    while (size) {
        unsigned op = take_byte(&data, &size), which = op >> 1 & 1;
        now.ns += (int64_t)(op >> 4) * 1000000;
        if (!stream[which])
            stream[which] = wt_observer_stream(o, &client, &server);
        if (!stream[which])
            break;
        if ((op & 12) == 12 && op & 16) {
            wt_stream_close(stream[which], now, op & 32);
            stream[which] = NULL;
            continue;
        }
        struct wt_span s = take(&data, &size, take_length(&data, &size));
        uint8_t *copy = copy_of(s);
        if (copy)
            wt_stream_bytes(stream[which], op & 1 ? WT_SERVER : WT_CLIENT, now, copy, s.n);
        free(copy);
    }
    for (unsigned i = 0; i < 2; i++)
        if (stream[i])
            wt_stream_close(stream[i], now, false);
}

static inline void put16(uint8_t *p, size_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static inline void put32(uint8_t *p, uint32_t v)
{
    put16(p, v >> 16);
    put16(p + 2, v);
}

static inline void send(struct wt_observer *o, struct wt_packet *packet, struct wt_span bytes)
{
    uint8_t *copy = copy_of(bytes);
    packet->frame++;
    packet->data = copy;
    packet->length = (uint32_t)bytes.n;
    if (packet->original < packet->length)
        packet->original = packet->length;
    if (copy)
        wt_observer_packet(o, packet);
    free(copy);
}

/* Segments of four conversations: sequence numbers go on by themselves, and are moved by a step's jump. */
static inline void segments(struct wt_observer *o, const uint8_t *data, size_t size)
{
    static uint8_t room[IP_HEAD + TCP_HEAD + 6000];
    uint32_t next[4][2] = {{0}};
    struct wt_packet packet = {.link = LINKTYPE_RAW, .time = {1000000000, 6}};
    while (size) {
        unsigned op = take_byte(&data, &size), side = op & 1, which = op >> 1 & 3;
        unsigned flags = op & 8 ? take_byte(&data, &size) & 31u : 16;
        int8_t jump = op & 16 ? (int8_t)take_byte(&data, &size) : 0;
        struct wt_span s = take(&data, &size, take_length(&data, &size));
        uint8_t *tcp = room + IP_HEAD;
        packet.time.ns += (int64_t)(op >> 6) * 700000000;
        next[which][side] += (uint32_t)(int32_t)jump;
        memset(room, 0, IP_HEAD + TCP_HEAD);
        room[0] = 0x45;
        room[9] = 6;
        put32(room + 12 + 4 * side, 0xc0000201);
        put32(room + 16 - 4 * side, 0xc0000202);
        put16(tcp + 2 * side, 40000 + which);
        put16(tcp + 2 - 2 * side, which == 3 ? 1080 : 443);
        put32(tcp + 4, next[which][side]);
        put32(tcp + 8, next[which][!side]);
        tcp[12] = 0x50;
        tcp[13] = (uint8_t)flags;
        size_t cut = op & 32 ? s.n / 2 : 0;
        put16(room + 2, IP_HEAD + TCP_HEAD + s.n);
        if (s.n)
            memcpy(tcp + TCP_HEAD, s.p, s.n);
        packet.original = (uint32_t)(IP_HEAD + TCP_HEAD + s.n);
        send(o, &packet, (struct wt_span){room, IP_HEAD + TCP_HEAD + s.n - cut});
        next[which][side] += (uint32_t)s.n + !!(flags & 3);
    }
}

static inline void packets(struct wt_observer *o, const uint8_t *data, size_t size)
{
    struct wt_packet packet = {.time = {1000000000, 6}};
    while (size) {
        unsigned op = take_byte(&data, &size);
        packet.link = (uint16_t)((op & 1) << 8 | take_byte(&data, &size));
        packet.time.ns += (int64_t)(op >> 4) * 300000000 - (op & 2 ? 1000 : 0);
        packet.original = op & 4 ? 3000 : 0;
        send(o, &packet, take(&data, &size, take_length(&data, &size)));
        if (op & 8 && packet.frame % 4 == 0) {
            wt_observer_file(o, "next");
            packet.frame = 0;
        }
    }
}

static inline void way(struct wt_observer *o, unsigned mode, const uint8_t *data, size_t size)
{
    if (mode == STREAMS)
        streams(o, data, size);
    else if (mode == SEGMENTS)
        segments(o, data, size);
    else
        packets(o, data, size);
}

/* As streams(), segments() and packets() take a step's head. */
static inline size_t head_of_piece(uint8_t what, bool *carries)
{
    *carries = (what & 28) != 28;
    return 1;
}

static inline size_t head_of_segment(uint8_t what, bool *carries)
{
    *carries = true;
    return 1u + (what >> 3 & 1u) + (what >> 4 & 1u);
}

static inline size_t head_of_packet(uint8_t what, bool *carries)
{
    (void)what;
    *carries = true;
    return 2;
}

/* Of inputs whose first byte chooses the way in. */
static inline size_t mutate_way(uint8_t *data, size_t size, size_t most, unsigned seed)
{
    step_head *const heads[] = {head_of_piece, head_of_segment, head_of_packet};
    const unsigned mode = size ? data[0] % 3 : PACKETS;
    return mutate_steps(data, size, most, 1, heads[mode], mode != PACKETS, seed);
}

static inline void check_summary(struct wt_observer *o, const struct heard *h)
{
    const struct wt_summary *summary = wt_observer_summary(o);
    struct sink json = {0};
    struct wt_output output = {count, &json, false};
    hold(summary->connections + summary->elsewhere == h->told && summary->elsewhere == h->elsewhere &&
             summary->established == h->established && summary->failed == h->failed &&
             summary->incomplete == h->incomplete,
         "counts that do not add up");
    uint64_t accounted = 0;
    for (size_t i = 0; i < summary->account_count; i++)
        accounted += summary->account[i].count;
    hold(accounted == summary->packets, "an account that does not add up");
    wt_report_json_summary(&output, summary, NULL);
    hold(json.lines == 1, "a summary that is not one line");
}

#endif

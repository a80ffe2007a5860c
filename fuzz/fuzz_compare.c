/* Two captures of whatever a fuzzer comes up with, compared: segments that pass one or both places, or change between
 * them; or packets of any link type.
 *
 * The first byte says how the second place differs: bit 0 not at all, bit 1 other addresses and ports, bit 2 other
 * sequence numbers, bit 3 another TTL, bit 4 another clock (of any time), bit 5 a snapshot length, bit 6 packets of any
 * kind. The rest is a list of steps: what is sent (a side, one of four conversations, flags, a jump of its number, a
 * pause, bytes) and where it passes (both places, the first, the second, both with a byte changed or some left out).
 *
 * Held to: JSON of one line, text, frames and ranges that are there, what is told is told once, a capture is the same
 * as itself. */
#include "watch.h"

#include "base/span.h"
#include "wiretale/compare.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);

enum { SAME = 1, TRANSLATED = 2, RENUMBERED = 4, ROUTED = 8, CLOCK = 16, CUT = 32, RAW = 64 };
enum { BOTH, FIRST, SECOND, CHANGED };

struct sides {
    uint32_t frames[2];
    uint64_t told;
    bool same;
};

static void on_compared(void *context, const struct wt_compared *c)
{
    struct sides *s = context;
    struct sink json = {0}, text = {0};
    struct wt_output output = {count, &json, false};
    const struct wt_text_options narrow = {.size = sizeof narrow, .columns = 60, .ascii = true},
                                 wide = {.size = sizeof wide, .columns = 120, .color = true};
    s->told++;
    hold(c->seen[0].present || c->seen[1].present, "a connection of neither");
    hold((c->match == WT_MATCH_NONE) != (c->seen[0].present && c->seen[1].present), "matched with nothing");
    hold(c->difference_count <= WT_LIMIT_COMPARE_DIFFERENCES, "a limit that does not hold");
    if (s->same && c->difference_count)
        fprintf(stderr, "%s: %s\n", c->differences[0].id, c->differences[0].text);
    hold(!s->same || c->difference_count == 0, "a capture that is not the same as itself");
    hold(c->between >= -1 && c->clock_error >= 0, "a time that is none");
    for (unsigned k = 0; k < 2; k++)
        hold(c->seen[k].first_frame <= c->seen[k].last_frame && c->seen[k].last_frame <= s->frames[k],
             "packets that were none");
    for (size_t i = 0; i < c->difference_count; i++) {
        const struct wt_compare_difference *d = &c->differences[i];
        hold(d->id && d->text && *d->text && d->from <= 2, "a difference without words");
        hold(d->severity < WT_FATAL, "a severity that is none");
        hold(d->frame[0] <= s->frames[0] && d->frame[1] <= s->frames[1], "a packet that was none");
        hold(!d->has_range || (d->length > 0 && d->length < 1u << 31 && d->offset < 1u << 31), "a range that is none");
        hold(i == 0 || d[-1].kind <= d->kind, "out of order");
    }
    wt_report_json_compared(&output, c);
    hold(json.lines == 1 && json.last == '\n', "JSON that is not one line");
    output = (struct wt_output){count, &text, false};
    wt_report_text_compared(&output, c, c->difference_count & 1 ? &narrow : &wide);
    hold(text.bytes > 0, "no story");
}

/* One of the two places, on its way through the steps. */
struct place {
    struct wt_compare *compare;
    struct sides *sides;
    unsigned which, how;
    struct wt_packet packet;
    uint32_t next[4][2];
};

static void pass(struct place *p, struct wt_span bytes, size_t original)
{
    uint8_t *copy = copy_of(bytes);
    p->packet.frame = ++p->sides->frames[p->which];
    p->packet.data = copy;
    p->packet.length = (uint32_t)bytes.n;
    p->packet.original = (uint32_t)(original > bytes.n ? original : bytes.n);
    if (copy)
        wt_compare_packet(p->compare, p->which, &p->packet);
    free(copy);
}

static void segment(struct place *p, unsigned side, unsigned which, unsigned flags, struct wt_span s)
{
    static uint8_t room[IP_HEAD + TCP_HEAD + 6000];
    const bool other = p->which && !(p->how & SAME);
    uint32_t moved = other && p->how & RENUMBERED ? 0x51230000u : 0, client = 0xc0000201;
    uint8_t *tcp = room + IP_HEAD;
    size_t whole = IP_HEAD + TCP_HEAD + s.n, kept = whole;
    if (other && p->how & TRANSLATED)
        client = 0xcb007109;
    memset(room, 0, IP_HEAD + TCP_HEAD);
    room[0] = 0x45;
    room[8] = other && p->how & ROUTED && side == WT_CLIENT ? 61 : 64;
    room[9] = 6;
    put16(room + 2, whole);
    put32(room + 12 + 4 * side, client);
    put32(room + 16 - 4 * side, 0xc0000250);
    put16(tcp + 2 * side, 40000 + which + (client != 0xc0000201 ? 20000 : 0));
    put16(tcp + 2 - 2 * side, which == 3 ? 25 : 443);
    put32(tcp + 4, p->next[which][side] + moved);
    put32(tcp + 8, p->next[which][!side] + moved);
    tcp[12] = 0x50;
    tcp[13] = (uint8_t)flags;
    if (s.n)
        memcpy(tcp + TCP_HEAD, s.p, s.n);
    if (other && p->how & CUT && kept > 96)
        kept = 96;
    pass(p, wt_span_of(room, kept), whole);
    p->next[which][side] += (uint32_t)s.n + !!(flags & 3);
}

/* Left out at the other place, or changed there. */
static void step(struct place *p, const uint8_t **data, size_t *size)
{
    static uint8_t changed[6000];
    unsigned op = take_byte(data, size), side = op & 1, which = op >> 1 & 3, where = op >> 5 & 3;
    unsigned flags = op & 8 ? take_byte(data, size) & 31u : 16;
    int8_t jump = op & 16 ? (int8_t)take_byte(data, size) : 0;
    unsigned change = where == CHANGED ? take_byte(data, size) : 0;
    struct wt_span s = take(data, size, take_length(data, size));
    if (s.n > sizeof changed)
        s.n = sizeof changed;
    p->packet.time.ns += op & 128 ? 700000000 : 1000000;
    p->next[which][side] += (uint32_t)(int32_t)jump;
    if (p->how & SAME)
        where = BOTH;
    if (where == (p->which ? FIRST : SECOND)) {
        p->next[which][side] += (uint32_t)s.n + !!(flags & 3);
        return;
    }
    if (where == CHANGED && p->which && s.n) {
        size_t at = change * s.n / 256, less = change & 1 ? (s.n - at) / 2 : 0;
        memcpy(changed, s.p, at);
        memcpy(changed + at, s.p + at + less, s.n - at - less);
        s = wt_span_of(changed, s.n - less);
        changed[at < s.n ? at : 0] ^= (uint8_t)(change | 1);
    }
    segment(p, side, which, flags, s);
}

static void raw(struct place *p, const uint8_t **data, size_t *size)
{
    unsigned op = take_byte(data, size), where = p->how & SAME ? BOTH : op >> 2 & 3;
    p->packet.link = (uint16_t)((op & 1) << 8 | take_byte(data, size));
    p->packet.time.ns += (int64_t)(op >> 4) * 300000000 - (op & 2 ? 1000 : 0);
    struct wt_span s = take(data, size, take_length(data, size));
    if (where != (p->which ? FIRST : SECOND))
        pass(p, s, where == CHANGED ? 3000 : 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sides sides = {.frames = {0}};
    struct wt_compare *c = size > 9 ? wt_compare_new() : NULL;
    if (!c)
        return 0;
    sides.same = data[0] & SAME;
    for (unsigned which = 0; which < 2; which++) {
        const uint8_t *p = data + 9;
        size_t left = size - 9;
        struct place place = {c, &sides, which, data[0], {.link = LINKTYPE_RAW, .time = {1000000000, 9}}, {{0}}};
        if (which && data[0] & CLOCK && !sides.same)
            memcpy(&place.packet.time.ns, data + 1, 8);
        if (place.packet.time.ns > INT64_MAX / 2) /* a step adds to it */
            place.packet.time.ns -= INT64_MAX / 2;
        while (left)
            (data[0] & RAW ? raw : step)(&place, &p, &left);
    }
    wt_compare_finish(c, on_compared, &sides);
    hold(sides.told <= 2ull * (sides.frames[0] + sides.frames[1]), "told more than there is");
    wt_compare_free(c);
    return 0;
}

static size_t head_of_step(uint8_t what, bool *carries)
{
    return head_of_segment(what, carries) + ((what >> 5 & 3) == CHANGED);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
    const bool packets = size && data[0] & RAW;
    return mutate_steps(data, size, most, 9, packets ? head_of_packet : head_of_step, !packets, seed);
}

#include "mutate_capture.h"

#include "capture_items.h"
#include "mutate_tls.h"

#include <stdlib.h>
#include <string.h>

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);

enum { LARGEST_PAYLOAD = 65000, TRIES = 16 };

struct work {
    struct items items;
    struct dice dice;
};

static size_t any(struct work *w)
{
    return dice_roll(&w->dice, w->items.count);
}

/* A packet with TCP in it; false when none is found soon. `carries`: with bytes. */
static bool any_segment(struct work *w, bool carries, size_t *at, struct tcp_view *view)
{
    for (int i = 0; i < TRIES; i++) {
        *at = any(w);
        if (items_tcp(&w->items.all[*at], view) && (!carries || view->n))
            return true;
    }
    return false;
}

/* --- packets ------------------------------------------------------------------------------------------------------ */

static void drop(struct work *w)
{
    size_t at = any(w), n = 1 + dice_roll(&w->dice, dice_one_in(&w->dice, 8) ? w->items.count : 3);
    while (n-- && at < w->items.count && w->items.count > 1)
        items_remove(&w->items, at);
}

static void twice(struct work *w)
{
    size_t at = any(w), to = dice_one_in(&w->dice, 2) ? at + 1 : dice_roll(&w->dice, w->items.count + 1);
    const struct item like = w->items.all[at];
    (void)items_insert(&w->items, to, &like, like.data, like.n);
}

/* Two packets in each other's place: their times too, or not. */
static void swap(struct work *w)
{
    size_t a = any(w), b = dice_one_in(&w->dice, 2) ? any(w) : (a + 1) % w->items.count;
    struct item *x = &w->items.all[a], *y = &w->items.all[b], other = *x;
    if (!x->is_packet || !y->is_packet)
        return;
    *x = *y;
    *y = other;
    if (dice_one_in(&w->dice, 2)) {
        y->time = x->time;
        x->time = other.time;
    }
}

/* As a snapshot length does it: of one packet, or of all. */
static void cut(struct work *w)
{
    size_t at = any(w), end = dice_one_in(&w->dice, 4) ? w->items.count : at + 1;
    size_t most = 1 + dice_roll(&w->dice, dice_one_in(&w->dice, 2) ? 120 : w->items.all[at].n + 1);
    for (; at < end; at++)
        if (w->items.all[at].is_packet && w->items.all[at].n > most)
            w->items.all[at].n = (uint32_t)most;
}

static void change_time(struct work *w)
{
    static const uint64_t steps[] = {
        1, 1000, 1000000, 1000000000, (uint64_t)1 << 32, (uint64_t)301 << 32, (uint64_t)1 << 62};
    uint64_t step = steps[dice_roll(&w->dice, sizeof steps / sizeof steps[0])] * (1 + dice_roll(&w->dice, 9));
    size_t at = any(w), end = dice_one_in(&w->dice, 2) ? w->items.count : at + 1;
    if (dice_one_in(&w->dice, 3))
        step = 0 - step;
    for (; at < end; at++)
        w->items.all[at].time += step;
}

static void change_bytes(struct work *w)
{
    size_t at = any(w), n = w->items.all[at].n, grown;
    if (n == 0 || n > ITEM_MOST / 2)
        return;
    uint8_t *room = malloc(n + 64);
    if (room) {
        memcpy(room, w->items.all[at].data, n);
        grown = LLVMFuzzerMutate(room, n, dice_one_in(&w->dice, 2) ? n : n + 64);
        /* the length of another block of pcapng stays what it is */
        if (w->items.all[at].is_packet)
            (void)items_replace(&w->items, at, room, grown);
        else if (n > 12 && grown >= n)
            memcpy(w->items.all[at].data + 8, room + 8, n - 12);
    }
    free(room);
}

/* --- segments ----------------------------------------------------------------------------------------------------- */

/* What follows in its conversation goes on after so many bytes more. */
static void renumber(struct work *w, size_t at, uint32_t more)
{
    struct tcp_view v;
    for (size_t i = at + 1; more && i < w->items.count; i++) {
        const int direction = items_direction(&w->items.all[at], &w->items.all[i]);
        if (!direction || !items_tcp(&w->items.all[i], &v))
            continue;
        uint8_t *number = v.tcp + (direction > 0 ? 4 : 8);
        store32be(number, load32be(number) + more);
        items_checksums(&w->items.all[i]);
    }
}

/* Other bytes in the place of the segment's payload. */
static bool set_payload(struct work *w, size_t at, const uint8_t *bytes, size_t n)
{
    struct tcp_view v;
    if (n > LARGEST_PAYLOAD || !items_tcp(&w->items.all[at], &v))
        return false;
    size_t head = (size_t)(v.payload - w->items.all[at].data);
    uint8_t *room = malloc(head + n + 1);
    if (!room)
        return false;
    memcpy(room, w->items.all[at].data, head);
    memcpy(room + head, bytes, n);
    const size_t ip = (size_t)(v.ip - w->items.all[at].data);
    if (v.v6)
        store16be(room + ip + 4, head - ip - 40 + n);
    else
        store16be(room + ip + 2, head - ip + n);
    bool well = items_replace(&w->items, at, room, head + n);
    free(room);
    items_checksums(&w->items.all[at]);
    return well;
}

static void change_payload(struct work *w)
{
    struct tcp_view v;
    size_t at;
    if (!any_segment(w, true, &at, &v))
        return;
    struct text text = {.n = v.n, .room = v.n + 4096};
    text.p = malloc(text.room);
    if (!text.p)
        return;
    memcpy(text.p, v.payload, v.n);
    (void)mutate_tls(&text, 0, text.n, SHAPE_STREAM, &w->dice);
    if (set_payload(w, at, text.p, text.n) && !dice_one_in(&w->dice, 8))
        renumber(w, at, (uint32_t)(text.n - v.n));
    free(text.p);
}

/* In two, which may overlap, come in the other order, or differ where they do. */
static void split(struct work *w)
{
    struct tcp_view v;
    size_t at, first, again;
    if (!any_segment(w, true, &at, &v) || v.n < 2)
        return;
    uint8_t *bytes = malloc(v.n);
    if (!bytes)
        return;
    memcpy(bytes, v.payload, v.n);
    const size_t n = v.n;
    const struct item whole = w->items.all[at];
    first = 1 + dice_roll(&w->dice, n - 1);
    again = dice_one_in(&w->dice, 3) ? dice_roll(&w->dice, first) : 0;
    if (items_insert(&w->items, at + 1, &whole, whole.data, whole.n) && items_tcp(&w->items.all[at + 1], &v)) {
        store32be(v.tcp + 4, load32be(v.tcp + 4) + (uint32_t)(first - again));
        if (again && dice_one_in(&w->dice, 3))
            bytes[first - again] ^= 1;
        (void)set_payload(w, at + 1, bytes + first - again, n - first + again);
        (void)set_payload(w, at, bytes, first);
        if (dice_one_in(&w->dice, 4)) {
            struct item late = w->items.all[at];
            w->items.all[at] = w->items.all[at + 1];
            w->items.all[at + 1] = late;
        }
    }
    free(bytes);
}

static void change_header(struct work *w)
{
    struct tcp_view v;
    size_t at;
    if (!any_segment(w, false, &at, &v))
        return;
    const size_t value = dice_roll(&w->dice, 1 << 16), little = dice_roll(&w->dice, 300);
    switch (dice_roll(&w->dice, 9)) {
    case 0:
        v.ip[v.v6 ? 7 : 8] = (uint8_t)value; /* TTL */
        break;
    case 1:
        v.tcp[13] = (uint8_t)(value & 0x3f); /* flags */
        break;
    case 2:
        v.tcp[13] ^= (uint8_t)(1u << value % 6);
        break;
    case 3:
        store32be(v.tcp + 4, load32be(v.tcp + 4) + (uint32_t)(little - 150));
        break;
    case 4:
        store32be(v.tcp + 8, load32be(v.tcp + 8) + (uint32_t)(little - 150));
        break;
    case 5:
        store16be(v.tcp + 14, value); /* window */
        break;
    case 6:
        store16be(v.tcp + (value & 2), 1 + little * 7); /* a port */
        break;
    case 7:
        v.ip[v.v6 ? 8 + value % 32 : 12 + value % 8] ^= (uint8_t)(1 + little); /* an address */
        break;
    default:
        if (v.payload - v.tcp > 20) /* an option */
            v.tcp[20 + dice_roll(&w->dice, (size_t)(v.payload - v.tcp) - 20)] = (uint8_t)value;
        break;
    }
    items_checksums(&w->items.all[at]);
}

/* The direction's later bytes as one segment with this one's: messages in several segments become one. */
static void join(struct work *w)
{
    struct tcp_view v, next;
    size_t at;
    if (!any_segment(w, true, &at, &v))
        return;
    for (size_t i = at + 1; i < w->items.count; i++) {
        if (items_direction(&w->items.all[at], &w->items.all[i]) != 1 || !items_tcp(&w->items.all[i], &next) || !next.n)
            continue;
        uint8_t *bytes = load32be(next.tcp + 4) == load32be(v.tcp + 4) + v.n ? malloc(v.n + next.n) : NULL;
        if (bytes) {
            memcpy(bytes, v.payload, v.n);
            memcpy(bytes + v.n, next.payload, next.n);
            if (set_payload(w, at, bytes, v.n + next.n))
                items_remove(&w->items, i);
        }
        free(bytes);
        return;
    }
}

/* --- carriers ----------------------------------------------------------------------------------------------------- */

/* A tag of 802.1Q, or of 802.1ad, behind the addresses of Ethernet. */
static void tag(struct work *w)
{
    const size_t at = any(w);
    const struct item *item = &w->items.all[at];
    if (!item->is_packet || item->link != LINK_ETHERNET || item->n < 14)
        return;
    uint8_t *room = malloc(item->n + 4u);
    if (!room)
        return;
    memcpy(room, item->data, 12);
    store16be(room + 12, dice_one_in(&w->dice, 2) ? 0x8100 : 0x88a8);
    store16be(room + 14, dice_roll(&w->dice, 4096));
    memcpy(room + 16, item->data + 12, item->n - 12u);
    (void)items_replace(&w->items, at, room, item->n + 4u);
    free(room);
}

/* IPv4 in two fragments. */
static void fragment(struct work *w)
{
    struct tcp_view v;
    size_t at, length, first;
    if (!any_segment(w, false, &at, &v) || v.v6)
        return;
    const struct item whole = w->items.all[at];
    const size_t ip = (size_t)(v.ip - whole.data), tcp = (size_t)(v.tcp - whole.data);
    length = (size_t)(v.payload - v.tcp) + v.n;
    first = 8 * (1 + dice_roll(&w->dice, (length - 1) / 8));
    uint8_t *second = first < length ? malloc(tcp + length - first) : NULL;
    if (!second)
        return;
    memcpy(second, whole.data, tcp);
    memcpy(second + tcp, v.tcp + first, length - first);
    store16be(second + ip + 2, tcp - ip + length - first);
    store16be(second + ip + 6, first / 8);
    struct item like = whole;
    like.original = 0;
    if (items_insert(&w->items, at + 1, &like, second, tcp + length - first)) {
        struct item *head = &w->items.all[at];
        store16be(head->data + ip + 2, tcp - ip + first);
        store16be(head->data + ip + 6, 0x2000);
        head->n = head->original = (uint32_t)(tcp + first);
    }
    free(second);
}

/* --- both ends ---------------------------------------------------------------------------------------------------- */

static void (*const changes[])(struct work *w) = {
    change_payload, change_payload,
    change_payload, change_payload,
    change_header,  change_header,
    drop,           twice,
    swap,           cut,
    change_time,    change_bytes,
    split,          join,
    fragment,       tag,
};

size_t mutate_capture(uint8_t *data, size_t size, size_t most, uint64_t seed)
{
    struct work w = {.dice = dice_of(seed)};
    if (dice_one_in(&w.dice, 16) || !items_read(&w.items, data, size))
        return LLVMFuzzerMutate(data, size, most);
    for (size_t n = 1 + dice_roll(&w.dice, 3); n; n--)
        changes[dice_roll(&w.dice, sizeof changes / sizeof changes[0])](&w);
    size = items_write(&w.items, data, most);
    items_free(&w.items);
    return size;
}

size_t cross_captures(const uint8_t *one, size_t one_size, const uint8_t *two, size_t two_size, uint8_t *out,
                      size_t most, uint64_t seed)
{
    struct work a = {.dice = dice_of(seed)};
    struct items b = {0};
    size_t size = 0;
    if (items_read(&a.items, one, one_size) && items_read(&b, two, two_size)) {
        uint16_t link = 0;
        for (size_t i = 0; i < a.items.count; i++)
            link = a.items.all[i].is_packet ? a.items.all[i].link : link;
        size_t from = dice_roll(&a.dice, b.count), n = 1 + dice_roll(&a.dice, b.count - from), to = any(&a) + 1;
        for (size_t i = from; i < from + n; i++) {
            struct item like = b.all[i];
            like.interface = 0;
            if (!like.is_packet || like.link != link || !items_insert(&a.items, to, &like, like.data, like.n))
                continue;
            to++;
            to += to < a.items.count && dice_one_in(&a.dice, 2); /* theirs in between */
        }
        size = items_write(&a.items, out, most);
    }
    items_free(&a.items);
    items_free(&b);
    return size;
}

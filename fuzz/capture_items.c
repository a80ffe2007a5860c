#include "capture_items.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

enum { PCAP_HEAD = 24, PCAP_PACKET = 16, BLOCK_FRAME = 12, ENHANCED_HEAD = 20, MOST_INTERFACES = 16 };
enum { SECTION = 0x0a0d0d0a, INTERFACE = 1, ENHANCED = 6 };

uint16_t load16be(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

uint32_t load32be(const uint8_t *p)
{
    return (uint32_t)load16be(p) << 16 | load16be(p + 2);
}

void store16be(uint8_t *p, size_t value)
{
    p[0] = (uint8_t)(value >> 8);
    p[1] = (uint8_t)value;
}

void store32be(uint8_t *p, uint32_t value)
{
    store16be(p, value >> 16);
    store16be(p + 2, value);
}

/* Little-endian, as the captures are that are changed here. */
static uint32_t load32(const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return le32toh(v);
}

static void store32(uint8_t *p, uint32_t v)
{
    v = htole32(v);
    memcpy(p, &v, sizeof v);
}

/* --- the list ----------------------------------------------------------------------------------------------------- */

void items_free(struct items *items)
{
    for (size_t i = 0; i < items->count; i++)
        free(items->all[i].data);
    free(items->all);
    items->all = NULL;
    items->count = 0;
}

void items_remove(struct items *items, size_t at)
{
    free(items->all[at].data);
    memmove(&items->all[at], &items->all[at + 1], (--items->count - at) * sizeof items->all[0]);
}

static uint8_t *own(const uint8_t *bytes, size_t n)
{
    uint8_t *copy = malloc(n ? n : 1);
    if (copy && n)
        memcpy(copy, bytes, n);
    return copy;
}

bool items_insert(struct items *items, size_t at, const struct item *like, const uint8_t *bytes, size_t n)
{
    struct item item = *like;
    if (items->count >= ITEMS_MOST || n > ITEM_MOST || !(item.data = own(bytes, n)))
        return false;
    item.n = (uint32_t)n;
    if (item.original < item.n)
        item.original = item.n;
    memmove(&items->all[at + 1], &items->all[at], (items->count++ - at) * sizeof items->all[0]);
    items->all[at] = item;
    return true;
}

bool items_replace(struct items *items, size_t at, const uint8_t *bytes, size_t n)
{
    struct item *item = &items->all[at];
    uint8_t *copy = n <= ITEM_MOST ? own(bytes, n) : NULL;
    if (!copy)
        return false;
    free(item->data);
    item->data = copy;
    item->original = (uint32_t)(item->original - item->n + n);
    item->n = (uint32_t)n;
    return true;
}

/* --- files -------------------------------------------------------------------------------------------------------- */

static bool read_pcap(struct items *items, const uint8_t *data, size_t size)
{
    const uint32_t link = load32(data + 20) & 0xffff;
    memcpy(items->head, data, PCAP_HEAD);
    for (size_t at = PCAP_HEAD; size - at >= PCAP_PACKET;) {
        const uint8_t *p = data + at;
        const uint32_t n = load32(p + 8);
        struct item item = {.original = load32(p + 12), .link = (uint16_t)link, .is_packet = true};
        item.time = (uint64_t)load32(p) << 32 | load32(p + 4);
        at += PCAP_PACKET;
        if (n > size - at || !items_insert(items, items->count, &item, p + PCAP_PACKET, n))
            break;
        at += n;
    }
    return items->count > 0;
}

/* Times are kept as pcap has them, or as pcapng has them; only the two halves differ. */
static bool read_block(struct items *items, const uint8_t *p, uint32_t n, uint16_t *links, size_t *interfaces)
{
    const uint32_t kind = load32(p);
    struct item item = {.is_packet = false};
    if (kind == SECTION)
        *interfaces = 0;
    if (kind == INTERFACE && n >= BLOCK_FRAME + 8 && *interfaces < MOST_INTERFACES) {
        uint16_t link;
        memcpy(&link, p + 8, sizeof link);
        links[(*interfaces)++] = le16toh(link);
    }
    if (kind != ENHANCED || n < BLOCK_FRAME + ENHANCED_HEAD || load32(p + 20) > n - BLOCK_FRAME - ENHANCED_HEAD)
        return items_insert(items, items->count, &item, p, n);
    item = (struct item){.original = load32(p + 24), .interface = load32(p + 8), .is_packet = true};
    item.link = item.interface < *interfaces ? links[item.interface] : 0;
    item.time = (uint64_t)load32(p + 12) << 32 | load32(p + 16);
    return items_insert(items, items->count, &item, p + 8 + ENHANCED_HEAD, load32(p + 20));
}

static bool read_pcapng(struct items *items, const uint8_t *data, size_t size)
{
    uint16_t links[MOST_INTERFACES] = {0};
    size_t interfaces = 0;
    items->next_generation = true;
    for (size_t at = 0; size - at >= BLOCK_FRAME;) {
        const uint32_t n = load32(data + at + 4);
        if (n < BLOCK_FRAME || n % 4 || n > size - at || !read_block(items, data + at, n, links, &interfaces))
            break;
        at += n;
    }
    return items->count > 0;
}

bool items_read(struct items *items, const uint8_t *data, size_t size)
{
    bool well = false;
    *items = (struct items){.all = calloc(ITEMS_MOST, sizeof *items->all)};
    if (items->all && size >= PCAP_HEAD + PCAP_PACKET) {
        const uint32_t magic = load32(data);
        if (magic == 0xa1b2c3d4 || magic == 0xa1b23c4d)
            well = read_pcap(items, data, size);
        else if (magic == SECTION && load32(data + 8) == 0x1a2b3c4d)
            well = read_pcapng(items, data, size);
    }
    if (!well)
        items_free(items);
    return well;
}

/* Returns the bytes written; 0 when there is no room. */
static size_t write_item(const struct items *items, const struct item *item, uint8_t *p, size_t room)
{
    const size_t padded = (item->n + 3u) & ~(size_t)3u, whole = BLOCK_FRAME + ENHANCED_HEAD + padded;
    if (!item->is_packet) {
        if (!items->next_generation || item->n > room)
            return 0;
        memcpy(p, item->data, item->n);
        return item->n;
    }
    if (!items->next_generation) {
        if (PCAP_PACKET + (size_t)item->n > room)
            return 0;
        store32(p, (uint32_t)(item->time >> 32));
        store32(p + 4, (uint32_t)item->time);
        store32(p + 8, item->n);
        store32(p + 12, item->original);
        memcpy(p + PCAP_PACKET, item->data, item->n);
        return PCAP_PACKET + item->n;
    }
    if (whole > room)
        return 0;
    memset(p, 0, whole);
    store32(p, ENHANCED);
    store32(p + 4, (uint32_t)whole);
    store32(p + 8, item->interface);
    store32(p + 12, (uint32_t)(item->time >> 32));
    store32(p + 16, (uint32_t)item->time);
    store32(p + 20, item->n);
    store32(p + 24, item->original);
    memcpy(p + 8 + ENHANCED_HEAD, item->data, item->n);
    store32(p + whole - 4, (uint32_t)whole);
    return whole;
}

size_t items_write(const struct items *items, uint8_t *data, size_t most)
{
    size_t at = 0;
    if (!items->next_generation) {
        if (most < PCAP_HEAD)
            return 0;
        memcpy(data, items->head, PCAP_HEAD);
        at = PCAP_HEAD;
    }
    for (size_t i = 0; i < items->count; i++)
        at += write_item(items, &items->all[i], data + at, most - at);
    return at;
}

/* --- TCP ---------------------------------------------------------------------------------------------------------- */

bool items_tcp(const struct item *item, struct tcp_view *v)
{
    uint8_t *ip = item->data;
    size_t left = item->n, head, total;
    if (!item->is_packet || item->original != item->n)
        return false;
    if (item->link == LINK_ETHERNET) {
        if (left < 14 || (load16be(ip + 12) != 0x0800 && load16be(ip + 12) != 0x86dd))
            return false;
        ip += 14;
        left -= 14;
    } else if (item->link != LINK_RAW) {
        return false;
    }
    if (left < 40)
        return false;
    v->v6 = ip[0] >> 4 == 6;
    head = v->v6 ? 40 : (ip[0] & 15u) * 4u;
    total = v->v6 ? 40u + load16be(ip + 4) : load16be(ip + 2);
    if ((v->v6 ? ip[6] : ip[9]) != 6 || head < 20 || total < head + 20 || total > left)
        return false;
    if (!v->v6 && (ip[0] >> 4 != 4 || load16be(ip + 6) & 0x3fff))
        return false; /* a fragment */
    v->ip = ip;
    v->tcp = ip + head;
    head += (size_t)(v->tcp[12] >> 4) * 4;
    if (head > total || (v->tcp[12] >> 4) < 5)
        return false;
    v->payload = ip + head;
    v->n = total - head;
    v->tail = left - total;
    return true;
}

static uint32_t sum(uint32_t so_far, const uint8_t *p, size_t n)
{
    for (; n > 1; p += 2, n -= 2)
        so_far += load16be(p);
    return n ? so_far + ((uint32_t)p[0] << 8) : so_far;
}

static uint16_t folded(uint32_t s)
{
    while (s >> 16)
        s = (s & 0xffff) + (s >> 16);
    return (uint16_t)~s;
}

void items_checksums(const struct item *item)
{
    struct tcp_view v;
    if (!items_tcp(item, &v))
        return;
    const size_t n = (size_t)(v.payload - v.tcp) + v.n;
    if (!v.v6) {
        store16be(v.ip + 10, 0);
        store16be(v.ip + 10, folded(sum(0, v.ip, (size_t)(v.tcp - v.ip))));
    }
    store16be(v.tcp + 16, 0);
    uint32_t s = sum(6 + (uint32_t)n, v.v6 ? v.ip + 8 : v.ip + 12, v.v6 ? 32 : 8);
    store16be(v.tcp + 16, folded(sum(s, v.tcp, n)));
}

int items_direction(const struct item *one, const struct item *other)
{
    struct tcp_view a, b;
    if (!items_tcp(one, &a) || !items_tcp(other, &b) || a.v6 != b.v6)
        return 0;
    const size_t n = a.v6 ? 16 : 4, at = a.v6 ? 8 : 12;
    if (memcmp(a.ip + at, b.ip + at, 2 * n) == 0 && memcmp(a.tcp, b.tcp, 4) == 0)
        return 1;
    return memcmp(a.ip + at, b.ip + at + n, n) == 0 && memcmp(a.ip + at + n, b.ip + at, n) == 0 &&
                   memcmp(a.tcp, b.tcp + 2, 2) == 0 && memcmp(a.tcp + 2, b.tcp, 2) == 0
               ? -1
               : 0;
}

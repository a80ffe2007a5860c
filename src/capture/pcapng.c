/* pcapng (draft-ietf-opsawg-pcapng): blocks of type, length, body and the length again. Each section has its own byte
 * order and its own interfaces. */
#include "capture/pcapng.h"

#include "base/array.h"
#include "capture/file.h"
#include "registry/limits.h"

#include <stdlib.h>

/* Type and length before the body, the length again behind it. */
enum { FRAME = 12, BODY = 8 };

/* One block: where it lies in the capture, and its body when it was read whole. */
struct block {
    uint64_t at;
    uint32_t type, length;
    const uint8_t *body;
    uint32_t n;
};

static uint64_t load64(const uint8_t *p, bool swapped)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return swapped ? __builtin_bswap64(v) : v;
}

static bool fail(struct wt_capture *c, const struct block *b, enum wt_code code, const char *field, uint64_t value,
                 uint64_t bound)
{
    return wt_capture_fail(c, code, field, b->at, value, bound);
}

/* Walks options of an Interface Description Block for the clock. */
static bool read_clock(struct wt_capture *c, const struct block *b, struct wt_interface *i)
{
    const uint8_t *p = b->body + 8;
    size_t left = b->n - 8;
    while (left >= 4) {
        unsigned code = wt_load16(p, c->swapped), n = wt_load16(p + 2, c->swapped);
        size_t padded = (n + 3u) & ~3u;
        if (code == OPTION_END)
            break;
        if (padded > left - 4)
            return fail(c, b, WT_LENGTH, "option", n, left - 4);
        if (code == OPTION_TSRESOL && n >= 1) {
            i->binary = p[4] & 0x80;
            i->power = p[4] & 0x7f;
        } else if (code == OPTION_TSOFFSET && n == 8) {
            i->offset = (int64_t)load64(p + 4, c->swapped);
        }
        p += 4 + padded;
        left -= 4 + padded;
    }
    return true;
}

/* Decimal digits that tell every tick of the clock apart. */
static uint8_t digits_of(const struct wt_interface *i)
{
    uint8_t digits = 0;
    if (!i->binary)
        return i->power < 9 ? i->power : 9;
    for (uint64_t units = 1; digits < 9 && (i->power >= 63 || units < (uint64_t)1 << i->power); units *= 10)
        digits++;
    return digits;
}

static bool add_interface(struct wt_capture *c, const struct block *b)
{
    struct wt_interface i = {.power = 6}; /* if_tsresol: "If this option is not present, a resolution of 10^-6" */
    if (b->n < 8)
        return fail(c, b, WT_LENGTH, "interface_description_block", b->length, FRAME + 8);
    i.link = wt_load16(b->body, c->swapped);
    i.snaplen = wt_load32(b->body + 4, c->swapped);
    if (!read_clock(c, b, &i))
        return false;
    i.digits = digits_of(&i);
    if (c->ng.n == WT_LIMIT_INTERFACES)
        return fail(c, b, WT_LIMIT, "interface_description_block", (uint64_t)c->ng.n + 1, WT_LIMIT_INTERFACES);
    if (!wt_array_grow(&c->ng.interfaces, c->ng.n, &c->ng.room, sizeof *c->ng.interfaces, 4))
        return fail(c, b, WT_MEMORY, "interface_description_block", 0, 0);
    c->ng.interfaces[c->ng.n++] = i;
    return true;
}

/* 10^n, for n up to 19. */
static uint64_t power_of_ten(unsigned n)
{
    uint64_t v = 1;
    while (n-- > 0)
        v *= 10;
    return v;
}

/* A clock finer than a nanosecond is cut. Times that do not fit 63 bits of nanoseconds (the year 2262) wrap: they are
 * nonsense, and it is enough that they do no harm. */
static int64_t nanoseconds(const struct wt_interface *i, uint64_t ticks)
{
    uint64_t seconds = 0, fraction = 0;
    if (!i->binary && i->power <= 9) {
        uint64_t units = power_of_ten(i->power);
        seconds = ticks / units;
        fraction = ticks % units * power_of_ten(9u - i->power);
    } else if (!i->binary && i->power <= 19) {
        uint64_t units = power_of_ten(i->power);
        seconds = ticks / units;
        fraction = ticks % units / power_of_ten(i->power - 9u);
    } else if (!i->binary) { /* 2^64 ticks are less than a second */
        unsigned over = i->power - 9u;
        fraction = over <= 19 ? ticks / power_of_ten(over) : 0;
    } else {
        /* 32 bits of the fraction are all that nanoseconds can show, and leave room to multiply */
        uint64_t rest = i->power < 64 ? ticks & (((uint64_t)1 << i->power) - 1) : ticks;
        unsigned over = i->power > 32 ? i->power - 32u : 0;
        seconds = i->power < 64 ? ticks >> i->power : 0;
        rest = over < 64 ? rest >> over : 0;
        fraction = rest * 1000000000u >> (i->power - over);
    }
    return (int64_t)((seconds + (uint64_t)i->offset) * 1000000000u + fraction);
}

/* The common case, a clock of microseconds or nanoseconds, without a division. */
static inline int64_t time_of(const struct wt_interface *i, uint64_t ticks)
{
    if (!i->binary && i->offset == 0 && i->power == 6)
        return (int64_t)(ticks * 1000u);
    if (!i->binary && i->offset == 0 && i->power == 9)
        return (int64_t)ticks;
    return nanoseconds(i, ticks);
}

static bool give(struct wt_capture *c, struct wt_packet *packet, const struct wt_interface *i, const uint8_t *data,
                 uint32_t length, uint32_t original)
{
    packet->frame = ++c->frame;
    packet->link = i->link;
    packet->time.digits = i->digits;
    packet->data = data;
    packet->length = length;
    packet->original = original > length ? original : length;
    return true;
}

/* Enhanced Packet Block, and the Packet Block that it replaced: both have interface (32 or 16 bits), time, lengths. */
static bool give_packet(struct wt_capture *c, const struct block *b, struct wt_packet *packet)
{
    uint32_t interface, length, original;
    const struct wt_interface *i;
    uint64_t ticks;
    if (b->n < 20)
        return fail(c, b, WT_LENGTH, "packet_block", b->length, FRAME + 20);
    interface = b->type == BLOCK_ENHANCED ? wt_load32(b->body, c->swapped) : wt_load16(b->body, c->swapped);
    ticks = (uint64_t)wt_load32(b->body + 4, c->swapped) << 32 | wt_load32(b->body + 8, c->swapped);
    length = wt_load32(b->body + 12, c->swapped);
    original = wt_load32(b->body + 16, c->swapped);
    if (interface >= c->ng.n)
        return fail(c, b, WT_VALUE, "interface_id", interface, c->ng.n);
    if (length > WT_LIMIT_PACKET)
        return fail(c, b, WT_LENGTH, "captured_packet_length", length, WT_LIMIT_PACKET);
    if (length > b->n - 20)
        return fail(c, b, WT_LENGTH, "captured_packet_length", length, b->n - 20);
    i = &c->ng.interfaces[interface];
    packet->time.ns = time_of(i, ticks);
    return give(c, packet, i, b->body + 20, length, original);
}

/* Simple Packet Block: from the first interface, without a time. How much was captured is the least of the original
 * length, the interface's snaplen and the room of the block. */
static bool give_simple(struct wt_capture *c, const struct block *b, struct wt_packet *packet)
{
    uint32_t length, original;
    if (b->n < 4)
        return fail(c, b, WT_LENGTH, "packet_block", b->length, FRAME + 4);
    if (c->ng.n == 0)
        return fail(c, b, WT_VALUE, "interface_id", 0, 0);
    original = wt_load32(b->body, c->swapped);
    length = original;
    if (c->ng.interfaces[0].snaplen > 0 && length > c->ng.interfaces[0].snaplen)
        length = c->ng.interfaces[0].snaplen;
    if (length > b->n - 4)
        length = b->n - 4;
    if (length > WT_LIMIT_PACKET)
        return fail(c, b, WT_LENGTH, "captured_packet_length", length, WT_LIMIT_PACKET);
    packet->time.ns = 0;
    return give(c, packet, &c->ng.interfaces[0], b->body + 4, length, original);
}

/* The names that follow an address, each ended by NUL. */
static void tell_names(struct wt_capture *c, struct wt_span address, struct wt_span names)
{
    while (names.n > 0) {
        const uint8_t *end = memchr(names.p, 0, names.n);
        size_t n = end ? (size_t)(end - names.p) : names.n;
        if (n > 0)
            c->on_name(c->name_context, address, wt_span_cut(names, 0, n));
        names = wt_span_cut(names, n + 1, names.n);
    }
}

static bool read_names(struct wt_capture *c, const struct block *b)
{
    struct wt_span left = wt_span_of(b->body, b->n);
    while (c->on_name && left.n >= 4) {
        unsigned type = wt_load16(left.p, c->swapped), n = wt_load16(left.p + 2, c->swapped);
        size_t address = type == RECORD_IPV4 ? 4 : type == RECORD_IPV6 ? 16 : 0;
        if (type == RECORD_END)
            break;
        if (n > left.n - 4)
            return fail(c, b, WT_LENGTH, "name_resolution_block", n, left.n - 4);
        if (address > 0 && n > address)
            tell_names(c, wt_span_cut(left, 4, address), wt_span_cut(left, 4 + address, n - address));
        left = wt_span_cut(left, 4 + ((n + 3u) & ~3u), left.n);
    }
    return true;
}

static bool read_secrets(struct wt_capture *c, const struct block *b)
{
    struct wt_capture_secrets secrets = {.skipped = 0};
    uint32_t n;
    if (b->n < 8)
        return fail(c, b, WT_LENGTH, "decryption_secrets_block", b->length, FRAME + 8);
    n = wt_load32(b->body + 4, c->swapped);
    if (n > b->n - 8)
        return fail(c, b, WT_LENGTH, "decryption_secrets_block", n, b->n - 8);
    secrets.type = wt_load32(b->body, c->swapped);
    secrets.data = wt_span_of(b->body + 8, n);
    if (c->on_secrets && !c->secrets_found)
        c->on_secrets(c->secrets_context, &secrets);
    return true;
}

/* A section starts: its byte order holds from the next block on, and its interfaces are its own. */
static bool start_section(struct wt_capture *c, const struct block *b)
{
    uint16_t major;
    if (b->n < 16)
        return fail(c, b, WT_LENGTH, "section_header_block", b->length, FRAME + 16);
    major = wt_load16(b->body + 4, c->swapped);
    if (major != 1)
        return fail(c, b, WT_UNSUPPORTED, "major_version", major, 1);
    c->ng.n = 0;
    return true;
}

/* Type and length of the block that comes; a section's byte order is needed to read its length. */
static inline bool head(struct wt_capture *c, struct block *b)
{
    const uint8_t *p;
    b->at = c->input.offset;
    p = wt_input_need(&c->input, FRAME);
    if (__builtin_expect(!p, 0))
        return wt_capture_ends(c, "block", b->at, FRAME, true);
    b->type = wt_load32(p, c->swapped);
    if (__builtin_expect(b->type == BLOCK_SECTION, 0)) { /* a palindrome: the same in either order */
        c->swapped = wt_load32(p + 8, false) != BYTE_ORDER_MAGIC;
        if (wt_load32(p + 8, c->swapped) != BYTE_ORDER_MAGIC)
            return fail(c, b, WT_FORMAT, "byte_order_magic", wt_load32(p + 8, false), BYTE_ORDER_MAGIC);
    }
    b->length = wt_load32(p + 4, c->swapped);
    /* draft-ietf-opsawg-pcapng, 3.1: "This value MUST be a multiple of 4." */
    if (__builtin_expect(b->length < FRAME || b->length % 4 != 0, 0))
        return fail(c, b, WT_LENGTH, "block_total_length", b->length, FRAME);
    return true;
}

static bool kept_whole(const struct wt_capture *c, uint32_t type)
{
    switch (type) {
    case BLOCK_ENHANCED:
    case BLOCK_PACKET:
    case BLOCK_SIMPLE:
    case BLOCK_INTERFACE:
    case BLOCK_SECTION:
        return true;
    case BLOCK_NAMES:
        return c->on_name != NULL;
    case BLOCK_SECRETS:
        return c->on_secrets != NULL;
    default:
        return false;
    }
}

/* The body of a block that we want to see, in one piece. */
static inline bool body(struct wt_capture *c, struct block *b)
{
    const uint8_t *p;
    uint32_t again;
    if (__builtin_expect(b->length > WT_LIMIT_BLOCK, 0))
        return fail(c, b, WT_LIMIT, "block_total_length", b->length, WT_LIMIT_BLOCK);
    p = wt_input_need(&c->input, b->length);
    if (__builtin_expect(!p, 0))
        return wt_capture_ends(c, "block", b->at, b->length, false);
    wt_capture_prefetch(c, p, b->length);
    b->body = p + BODY;
    b->n = b->length - FRAME;
    c->block = wt_span_of(p, b->length);
    again = wt_load32(p + b->length - 4, c->swapped);
    if (__builtin_expect(again != b->length, 0))
        return fail(c, b, WT_VALUE, "block_total_length", again, b->length);
    wt_input_take(&c->input, b->length);
    return true;
}

/* Blocks that are no packets, but that Wireshark numbers as frames; our numbers are Wireshark's. */
static bool is_numbered(uint32_t type)
{
    return type == BLOCK_JOURNAL || type == BLOCK_SYSDIG || type == BLOCK_SYSDIG_2 || type == BLOCK_SYSDIG_2_LARGE ||
           type == BLOCK_CUSTOM || type == BLOCK_CUSTOM_NO_COPY;
}

/* One with more secrets than are kept costs these secrets, not the file. */
static bool is_too_large(const struct block *b)
{
    return b->type == BLOCK_SECRETS && b->length > WT_LIMIT_BLOCK;
}

/* A block that ends where the file does not is damage, and told as that alone. */
static bool pass(struct wt_capture *c, const struct block *b)
{
    c->frame += is_numbered(b->type);
    if (!wt_input_skip(&c->input, b->length))
        return wt_capture_ends(c, "block", b->at, b->length, false);
    if (is_too_large(b) && c->on_secrets && !c->secrets_found)
        c->on_secrets(c->secrets_context, &(struct wt_capture_secrets){.skipped = b->length});
    return true;
}

static bool next(struct wt_capture *c, struct wt_packet *packet)
{
    struct block b = {0};
    while (head(c, &b)) {
        bool ok = true;
        if (!kept_whole(c, b.type) || is_too_large(&b)) {
            if (!pass(c, &b))
                return false;
            continue;
        }
        if (!body(c, &b))
            return false;
        switch (b.type) {
        case BLOCK_ENHANCED:
        case BLOCK_PACKET:
            return give_packet(c, &b, packet);
        case BLOCK_SIMPLE:
            return give_simple(c, &b, packet);
        case BLOCK_INTERFACE:
            ok = add_interface(c, &b);
            break;
        case BLOCK_NAMES:
            ok = read_names(c, &b);
            break;
        case BLOCK_SECRETS:
            ok = read_secrets(c, &b);
            break;
        default:
            ok = start_section(c, &b);
            break;
        }
        if (!ok)
            return false;
        if (c->on_header && (b.type == BLOCK_INTERFACE || b.type == BLOCK_SECTION))
            c->on_header(c->header_context, c->block);
    }
    return false;
}

bool wt_pcapng_open(struct wt_capture *c)
{
    const uint8_t *p = wt_input_need(&c->input, FRAME);
    if (!p || wt_load32(p, false) != BLOCK_SECTION)
        return false;
    if (wt_load32(p + 8, false) != BYTE_ORDER_MAGIC && wt_load32(p + 8, true) != BYTE_ORDER_MAGIC)
        return false;
    c->swapped = false;
    c->format = "pcapng";
    c->next = next;
    return true;
}

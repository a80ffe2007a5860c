/* pcapng (draft-ietf-opsawg-pcapng), written: blocks of type, length, body and the length again, padded to 32 bits. */
#include "capture/write.h"

#include "base/array.h"
#include "base/memory.h"
#include "capture/file.h"
#include "capture/pcapng.h"
#include "registry/limits.h"

#include <stdlib.h>

enum { SECTION_LENGTH_AT = 16 /* bytes into a Section Header Block */ };

#define HELD 262144u                /* bytes that are handed on at once */
#define SECRETS_MOST (8u * 1048576) /* bytes of one secrets block: Wireshark refuses blocks over 16 MiB */

struct wt_capture_writer *wt_capture_writer_new(bool (*write)(void *context, const void *bytes, size_t length),
                                                void *context)
{
    struct wt_capture_writer *w = wt_calloc(1, sizeof *w);
    if (!w)
        return NULL;
    w->write = write;
    w->context = context;
    return w;
}

void wt_capture_writer_free(struct wt_capture_writer *w)
{
    if (!w)
        return;
    /* plaintext and secrets have passed through here */
    if (w->out.p)
        explicit_bzero(w->out.p, w->out.cap);
    if (w->front.p)
        explicit_bzero(w->front.p, w->front.cap);
    wt_buffer_free(&w->out);
    wt_buffer_free(&w->front);
    free(w->interfaces);
    free(w);
}

static bool hand_on(struct wt_capture_writer *w)
{
    w->failed = w->failed || w->out.failed || w->front.failed;
    if (!w->failed && w->out.n > 0)
        w->failed = !w->write(w->context, w->out.p, w->out.n);
    w->out.n = 0;
    return !w->failed;
}

bool wt_capture_writer_finish(struct wt_capture_writer *w)
{
    return hand_on(w);
}

/* A whole block stands in the buffer. */
static bool settle(struct wt_capture_writer *w)
{
    if (w->out.n >= HELD)
        return hand_on(w);
    w->failed = w->failed || w->out.failed || w->front.failed;
    return !w->failed;
}

/* ---- numbers in the section's byte order */

static void put_16(const struct wt_capture_writer *w, struct wt_buffer *b, uint16_t v)
{
    v = w->swapped ? __builtin_bswap16(v) : v;
    (void)wt_buffer_add(b, &v, sizeof v);
}

static void put_32(const struct wt_capture_writer *w, struct wt_buffer *b, uint32_t v)
{
    v = w->swapped ? __builtin_bswap32(v) : v;
    (void)wt_buffer_add(b, &v, sizeof v);
}

/* Bytes, and zeros up to 32 bits. */
static void put_padded(struct wt_buffer *b, struct wt_span bytes)
{
    static const uint8_t zeros[4];
    (void)wt_buffer_add(b, bytes.p, bytes.n);
    (void)wt_buffer_add(b, zeros, -bytes.n & 3);
}

/* ---- blocks; `n` are the bytes of the body, padded */

static void begin_block(struct wt_capture_writer *w, struct wt_buffer *b, uint32_t type, size_t n)
{
    put_32(w, b, type);
    put_32(w, b, (uint32_t)n + 12);
}

static void end_block(struct wt_capture_writer *w, struct wt_buffer *b, size_t n)
{
    put_32(w, b, (uint32_t)n + 12);
}

static size_t padded(size_t n)
{
    return (n + 3) & ~(size_t)3;
}

static void write_section(struct wt_capture_writer *w)
{
    static const char program[] = "wiretale";
    struct wt_span name = wt_span_of(program, sizeof program - 1);
    size_t n = 16 + 4 + padded(name.n) + 4;
    w->swapped = false;
    w->section = true;
    w->interface_count = 0;
    begin_block(w, &w->out, BLOCK_SECTION, n);
    put_32(w, &w->out, BYTE_ORDER_MAGIC);
    put_16(w, &w->out, 1);
    put_16(w, &w->out, 0);
    put_32(w, &w->out, UINT32_MAX); /* "-1 ... the size of the following section is not specified" */
    put_32(w, &w->out, UINT32_MAX);
    put_16(w, &w->out, OPTION_USERAPPL);
    put_16(w, &w->out, (uint16_t)name.n);
    put_padded(&w->out, name);
    put_32(w, &w->out, OPTION_END);
    end_block(w, &w->out, n);
}

static void write_interface(struct wt_capture_writer *w, uint16_t link, uint8_t digits)
{
    enum { N = 8 + 8 + 4 };
    begin_block(w, &w->out, BLOCK_INTERFACE, N);
    put_16(w, &w->out, link);
    put_16(w, &w->out, 0);
    put_32(w, &w->out, 0); /* snaplen: none */
    put_16(w, &w->out, OPTION_TSRESOL);
    put_16(w, &w->out, 1);
    put_padded(&w->out, wt_span_of(&digits, 1));
    put_32(w, &w->out, OPTION_END);
    end_block(w, &w->out, N);
}

/* The number of the interface for a link type and a clock, written when it is new. False when there is none. */
static bool interface_for(struct wt_capture_writer *w, uint16_t link, uint8_t digits, uint32_t *number)
{
    for (uint32_t i = 0; i < w->interface_count; i++) {
        if (w->interfaces[i].link == link && w->interfaces[i].digits == digits) {
            *number = i;
            return true;
        }
    }
    if (w->interface_count == WT_LIMIT_INTERFACES)
        return false;
    if (!wt_array_grow(&w->interfaces, w->interface_count, &w->interface_room, sizeof *w->interfaces, 4))
        return false;
    *number = w->interface_count++;
    w->interfaces[*number] = (struct wt_written_interface){link, digits};
    write_interface(w, link, digits);
    return true;
}

/* Microseconds are what every reader knows; nanoseconds where the packets have them. */
static uint8_t clock_of(uint8_t digits)
{
    return digits > 6 ? 9 : 6;
}

bool wt_capture_write_interface(struct wt_capture_writer *w, uint16_t link, uint8_t digits)
{
    uint32_t number;
    if (w->failed)
        return false;
    if (!w->section)
        write_section(w);
    w->failed = !interface_for(w, link, clock_of(digits), &number);
    return settle(w);
}

bool wt_capture_write_packet(struct wt_capture_writer *w, const struct wt_packet *packet)
{
    uint8_t digits = clock_of(packet->time.digits);
    uint64_t ticks = digits == 9 ? (uint64_t)packet->time.ns : (uint64_t)(packet->time.ns / 1000);
    size_t n = 20 + padded(packet->length);
    uint32_t interface;
    if (w->failed)
        return false;
    if (!w->section)
        write_section(w);
    if (!interface_for(w, packet->link, digits, &interface)) {
        w->failed = true;
        return false;
    }
    begin_block(w, &w->out, BLOCK_ENHANCED, n);
    put_32(w, &w->out, interface);
    put_32(w, &w->out, (uint32_t)(ticks >> 32));
    put_32(w, &w->out, (uint32_t)ticks);
    put_32(w, &w->out, packet->length);
    put_32(w, &w->out, packet->original);
    put_padded(&w->out, wt_span_of(packet->data, packet->length));
    end_block(w, &w->out, n);
    return settle(w);
}

/* ---- what stands beside packets */

/* Where it goes: while a copied section has not begun, it waits for it. */
static struct wt_buffer *place(struct wt_capture_writer *w)
{
    if (w->from && !w->section)
        return &w->front;
    if (!w->section)
        write_section(w);
    return &w->out;
}

static void write_secrets_block(struct wt_capture_writer *w, uint32_t type, struct wt_span secrets)
{
    struct wt_buffer *b = place(w);
    size_t n = 8 + padded(secrets.n);
    begin_block(w, b, BLOCK_SECRETS, n);
    put_32(w, b, type);
    put_32(w, b, (uint32_t)secrets.n);
    put_padded(b, secrets);
    end_block(w, b, n);
}

/* Up to a block's worth, cut behind a line's end. */
static size_t worth_a_block(struct wt_span text)
{
    const uint8_t *end;
    if (!text.p || text.n <= SECRETS_MOST)
        return text.n;
    end = memrchr(text.p, '\n', SECRETS_MOST);
    return end ? (size_t)(end - text.p) + 1 : SECRETS_MOST;
}

bool wt_capture_write_secrets(struct wt_capture_writer *w, uint32_t type, struct wt_span secrets)
{
    if (w->failed)
        return false;
    do {
        size_t n = worth_a_block(secrets);
        write_secrets_block(w, type, wt_span_cut(secrets, 0, n));
        if (!settle(w))
            return false;
        secrets = wt_span_cut(secrets, n, secrets.n);
    } while (secrets.n > 0);
    return true;
}

bool wt_capture_write_name(struct wt_capture_writer *w, struct wt_span address, struct wt_span name)
{
    uint16_t kind = address.n == 4 ? RECORD_IPV4 : RECORD_IPV6;
    size_t record = address.n + name.n + 1, n = 4 + padded(record) + 4;
    static const uint8_t zeros[4];
    struct wt_buffer *b;
    if (w->failed)
        return false;
    if ((address.n != 4 && address.n != 16) || name.n == 0 || record > UINT16_MAX)
        return true; /* nothing that a record can say */
    b = place(w);
    begin_block(w, b, BLOCK_NAMES, n);
    put_16(w, b, kind);
    put_16(w, b, (uint16_t)record);
    (void)wt_buffer_add(b, address.p, address.n);
    (void)wt_buffer_add(b, name.p, name.n);
    (void)wt_buffer_add(b, zeros, 1 + (-record & 3)); /* names end with NUL */
    put_32(w, b, RECORD_END);
    end_block(w, b, n);
    return settle(w);
}

/* ---- copying */

void wt_capture_write_header(void *context, struct wt_span block)
{
    struct wt_capture_writer *w = context;
    size_t at = w->out.n;
    bool section = wt_load32(block.p, false) == BLOCK_SECTION;
    (void)wt_buffer_add(&w->out, block.p, block.n);
    if (section && !w->out.failed) {
        /* the section will hold less than it did; "not specified" is the same in either byte order */
        memset(w->out.p + at + SECTION_LENGTH_AT, 0xff, 8);
        w->section = true;
        w->swapped = wt_load32(block.p + 8, false) != BYTE_ORDER_MAGIC;
        (void)wt_buffer_add(&w->out, w->front.p, w->front.n);
        w->front.n = 0;
    }
    (void)settle(w);
}

bool wt_capture_write_from(struct wt_capture_writer *w, struct wt_capture *capture)
{
    w->section = false;
    w->interface_count = 0;
    w->front.n = 0;
    w->from = NULL;
    w->swapped = false;
    if (capture->format && !strcmp(capture->format, "pcapng")) {
        const uint8_t *p = wt_input_need(&capture->input, 12); /* it was opened: they are there */
        w->swapped = p && wt_load32(p + 8, false) != BYTE_ORDER_MAGIC;
        w->from = capture;
        capture->on_header = wt_capture_write_header;
        capture->header_context = w;
    }
    return !w->failed;
}

bool wt_capture_write_copy(struct wt_capture_writer *w, const struct wt_packet *packet)
{
    if (!w->from)
        return wt_capture_write_packet(w, packet);
    if (w->failed)
        return false;
    (void)wt_buffer_add(&w->out, w->from->block.p, w->from->block.n);
    return settle(w);
}

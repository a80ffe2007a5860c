/* What the readers of capture files share. */
#ifndef WT_CAPTURE_FILE_H
#define WT_CAPTURE_FILE_H

#include "capture/input.h"
#include "wiretale/capture.h"

/* One interface of a pcapng section. */
struct wt_interface {
    uint16_t link;
    uint8_t digits; /* after the second, of its clock */
    uint8_t power;  /* decimal digits, or with `binary` bits, of the fraction */
    bool binary;
    uint32_t snaplen; /* bytes; 0 for none */
    int64_t offset;   /* seconds to add to every time */
};

struct wt_capture {
    struct wt_input input;
    const char *format;
    bool (*next)(struct wt_capture *capture, struct wt_packet *packet);
    bool done;
    bool swapped;         /* numbers are not in this machine's order */
    uint32_t frame;       /* of the packet given last */
    size_t length_before; /* bytes of the block before the one that was read last: wt_capture_prefetch() */
    struct wt_error error;

    struct { /* pcap */
        uint16_t link;
        uint8_t header;  /* bytes before each packet */
        uint8_t digits;  /* of the clock */
        uint32_t unit;   /* nanoseconds of the fraction's unit */
        uint8_t lengths; /* 0: captured, original; 1: the other way; 2: whichever is less is captured */
    } pcap;

    struct { /* pcapng: interfaces of the section being read */
        struct wt_interface *interfaces;
        uint32_t n;
        size_t room;
    } ng;

    void (*on_secrets)(void *context, const struct wt_capture_secrets *secrets);
    void *secrets_context;
    bool secrets_found; /* all of the file's secrets were given before its packets */
    void (*on_name)(void *context, struct wt_span address, struct wt_span name);
    void *name_context;

    /* for a writer that copies (write.c), of pcapng: section headers and interfaces as they are met, and the block that
     * was read last, both as they lie there */
    void (*on_header)(void *context, struct wt_span block);
    void *header_context;
    struct wt_span block;
};

/* For tests and harnesses: the same from memory, which must outlive the capture. */
struct wt_capture *wt_capture_open_memory(struct wt_span file, struct wt_error *error);

/* True when the file is of the format; its header is then taken, or capture->error set. */
bool wt_pcap_open(struct wt_capture *capture);
bool wt_pcapng_open(struct wt_capture *capture);

/* Ends the capture with an error that starts at `offset`. Always false. */
bool wt_capture_fail(struct wt_capture *capture, enum wt_code code, const char *field, uint64_t offset, uint64_t value,
                     uint64_t bound);
/* The input has fewer than the `bound` bytes that something at `offset` needs; a clean end when it has none and
 * `may_end`. Always false. */
bool wt_capture_ends(struct wt_capture *capture, const char *field, uint64_t offset, uint64_t bound, bool may_end);

/* Asks for the headers of packets some way ahead, supposing that they are as long as the longer of this one and the one
 * before, which may be an acknowledgment: of bulk data only headers are touched, and each would be waited for. To
 * follow their lengths would be to wait for each. An address beyond the window does no harm. */
static inline void wt_capture_prefetch(struct wt_capture *c, const uint8_t *p, size_t n)
{
    const size_t most = n > c->length_before ? n : c->length_before;
    c->length_before = n;
    for (size_t i = 2; i <= 3; i++) {
        const uintptr_t ahead = (uintptr_t)p + n + i * most;
        __builtin_prefetch((const void *)ahead);
        __builtin_prefetch((const void *)(ahead + 64));
    }
}

static inline uint32_t wt_load32(const uint8_t *p, bool swapped)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return swapped ? __builtin_bswap32(v) : v;
}

static inline uint16_t wt_load16(const uint8_t *p, bool swapped)
{
    uint16_t v;
    memcpy(&v, p, sizeof v);
    return swapped ? __builtin_bswap16(v) : v;
}

#endif

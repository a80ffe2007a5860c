/* Captures and packets made byte by byte, from the formats' own texts, for the tests of src/capture. */
#ifndef WT_TEST_CAPTURE_MAKE_H
#define WT_TEST_CAPTURE_MAKE_H

#include "base/buffer.h"
#include "capture/file.h"
#include "capture/packet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/* A file being written, its numbers in this machine's order or in the other. */
struct make {
    struct wt_buffer b;
    bool swapped;
};

void make_16(struct make *m, uint16_t v);
void make_32(struct make *m, uint32_t v);
void make_64(struct make *m, uint64_t v);
void make_bytes(struct make *m, const void *bytes, size_t n);
struct wt_span make_span(const struct make *m);

void make_pcap_header(struct make *m, uint32_t magic, uint16_t minor, uint32_t link);
void make_pcap_packet(struct make *m, uint32_t seconds, uint32_t fraction, const void *bytes, uint32_t n,
                      uint32_t original);
/* A body that compresses, and of which every byte tells the packet it belongs to. */
void make_pcap_run(struct make *m, unsigned packets, uint32_t seed);

/* Opens a block and closes it again, with both lengths. */
size_t make_block(struct make *m, uint32_t type);
void make_block_end(struct make *m, size_t at);
void make_option(struct make *m, uint16_t code, const void *bytes, uint16_t n);
void make_section(struct make *m);
void make_interface(struct make *m, uint16_t link, uint32_t snaplen);
void make_enhanced(struct make *m, uint32_t interface, uint64_t ticks, const void *bytes, uint32_t n,
                   uint32_t original);

/* A packet, made from the inside out: each call puts a header before what is there. */
struct wrap {
    uint8_t room[70000 + 4096];
    size_t begin, end;
};

void wrap_start(struct wrap *w, const void *payload, size_t n);
uint8_t *wrap_before(struct wrap *w, size_t n);
void wrap_tail(struct wrap *w, size_t n); /* bytes behind everything, as padding */
void wrap_bytes(struct wrap *w, const void *bytes, size_t n);
/* Ports 40000 and 443, sequence number 1000, acknowledgment 2000, `options` bytes of them (a multiple of 4). */
void wrap_tcp(struct wrap *w, uint8_t flags, unsigned options);
void wrap_udp(struct wrap *w, uint16_t source, uint16_t target);
void wrap_ipv4(struct wrap *w, uint8_t protocol);
/* The same as a fragment; offset in bytes. */
void wrap_ipv4_piece(struct wrap *w, uint8_t protocol, uint16_t id, uint16_t offset, bool more);
void wrap_ipv6(struct wrap *w, uint8_t next);
void wrap_ethernet(struct wrap *w, uint16_t type);
void wrap_16(struct wrap *w, uint16_t a, uint16_t b); /* two big-endian numbers: a VLAN tag, say */

struct wt_packet wrap_packet(const struct wrap *w, uint16_t link);

/* A small fast generator, so that every run is the same. */
static inline uint32_t make_random(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

#endif

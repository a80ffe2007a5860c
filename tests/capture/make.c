#include "make.h"

void make_bytes(struct make *m, const void *bytes, size_t n)
{
    assert_true(wt_buffer_add(&m->b, bytes, n));
}

void make_16(struct make *m, uint16_t v)
{
    v = m->swapped ? __builtin_bswap16(v) : v;
    make_bytes(m, &v, sizeof v);
}

void make_32(struct make *m, uint32_t v)
{
    v = m->swapped ? __builtin_bswap32(v) : v;
    make_bytes(m, &v, sizeof v);
}

void make_64(struct make *m, uint64_t v)
{
    v = m->swapped ? __builtin_bswap64(v) : v;
    make_bytes(m, &v, sizeof v);
}

struct wt_span make_span(const struct make *m)
{
    return wt_buffer_span(&m->b);
}

void make_pcap_header(struct make *m, uint32_t magic, uint16_t minor, uint32_t link)
{
    make_32(m, magic);
    make_16(m, 2);
    make_16(m, minor);
    make_32(m, 0);
    make_32(m, 0);
    make_32(m, 65535);
    make_32(m, link);
}

void make_pcap_packet(struct make *m, uint32_t seconds, uint32_t fraction, const void *bytes, uint32_t n,
                      uint32_t original)
{
    make_32(m, seconds);
    make_32(m, fraction);
    make_32(m, n);
    make_32(m, original);
    make_bytes(m, bytes, n);
}

void make_pcap_run(struct make *m, unsigned packets, uint32_t seed)
{
    uint64_t state = seed;
    uint8_t bytes[4096];
    for (unsigned i = 0; i < packets; i++) {
        uint32_t n = make_random(&state) % sizeof bytes;
        memset(bytes, (int)(i & 0xff), n);
        make_pcap_packet(m, i, i, bytes, n, n);
    }
}

size_t make_block(struct make *m, uint32_t type)
{
    size_t at = m->b.n;
    make_32(m, type);
    make_32(m, 0);
    return at;
}

void make_block_end(struct make *m, size_t at)
{
    uint32_t length;
    while (m->b.n % 4 != 0)
        make_bytes(m, "", 1);
    length = (uint32_t)(m->b.n - at + 4);
    make_32(m, length);
    memcpy(m->b.p + at + 4, m->b.p + m->b.n - 4, 4);
}

void make_option(struct make *m, uint16_t code, const void *bytes, uint16_t n)
{
    make_16(m, code);
    make_16(m, n);
    make_bytes(m, bytes, n);
    while (m->b.n % 4 != 0)
        make_bytes(m, "", 1);
}

void make_section(struct make *m)
{
    size_t at = make_block(m, 0x0a0d0d0a);
    make_32(m, 0x1a2b3c4d);
    make_16(m, 1);
    make_16(m, 0);
    make_64(m, UINT64_MAX);
    make_block_end(m, at);
}

void make_interface(struct make *m, uint16_t link, uint32_t snaplen)
{
    size_t at = make_block(m, 1);
    make_16(m, link);
    make_16(m, 0);
    make_32(m, snaplen);
    make_block_end(m, at);
}

void make_enhanced(struct make *m, uint32_t interface, uint64_t ticks, const void *bytes, uint32_t n, uint32_t original)
{
    size_t at = make_block(m, 6);
    make_32(m, interface);
    make_32(m, (uint32_t)(ticks >> 32));
    make_32(m, (uint32_t)ticks);
    make_32(m, n);
    make_32(m, original);
    make_bytes(m, bytes, n);
    make_block_end(m, at);
}

void wrap_start(struct wrap *w, const void *payload, size_t n)
{
    w->begin = 4096;
    w->end = w->begin + n;
    assert_true(w->end <= sizeof w->room);
    if (n > 0)
        memcpy(w->room + w->begin, payload, n);
}

uint8_t *wrap_before(struct wrap *w, size_t n)
{
    assert_true(n <= w->begin);
    w->begin -= n;
    memset(w->room + w->begin, 0, n);
    return w->room + w->begin;
}

void wrap_tail(struct wrap *w, size_t n)
{
    assert_true(w->end + n <= sizeof w->room);
    memset(w->room + w->end, 0xee, n);
    w->end += n;
}

void wrap_bytes(struct wrap *w, const void *bytes, size_t n)
{
    memcpy(wrap_before(w, n), bytes, n);
}

static void put16(uint8_t *p, size_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v)
{
    put16(p, v >> 16);
    put16(p + 2, v & 0xffff);
}

void wrap_16(struct wrap *w, uint16_t a, uint16_t b)
{
    uint8_t *p = wrap_before(w, 4);
    put16(p, a);
    put16(p + 2, b);
}

void wrap_tcp(struct wrap *w, uint8_t flags, unsigned options)
{
    uint8_t *p = wrap_before(w, 20 + options);
    put16(p, 40000);
    put16(p + 2, 443);
    put32(p + 4, 1000);
    put32(p + 8, 2000);
    p[12] = (uint8_t)((20 + options) / 4 << 4);
    p[13] = flags;
    put16(p + 14, 512);
    memset(p + 20, 1, options);
}

void wrap_udp(struct wrap *w, uint16_t source, uint16_t target)
{
    uint8_t *p = wrap_before(w, 8);
    put16(p, source);
    put16(p + 2, target);
    put16(p + 4, w->end - w->begin);
}

void wrap_ipv4_piece(struct wrap *w, uint8_t protocol, uint16_t id, uint16_t offset, bool more)
{
    static const uint8_t addresses[8] = {192, 0, 2, 1, 198, 51, 100, 2};
    uint8_t *p = wrap_before(w, 20);
    p[0] = 0x45;
    put16(p + 2, w->end - w->begin);
    put16(p + 4, id);
    put16(p + 6, (size_t)(offset / 8 | (more ? 0x2000 : 0)));
    p[8] = 64;
    p[9] = protocol;
    memcpy(p + 12, addresses, 8);
}

void wrap_ipv4(struct wrap *w, uint8_t protocol)
{
    wrap_ipv4_piece(w, protocol, 7, 0, false);
}

void wrap_ipv6(struct wrap *w, uint8_t next)
{
    uint8_t *p;
    size_t n = w->end - w->begin;
    p = wrap_before(w, 40);
    p[0] = 0x60;
    put16(p + 4, n);
    p[6] = next;
    p[7] = 64;
    p[8] = p[24] = 0x20;
    p[9] = p[25] = 0x01;
    p[10] = p[26] = 0x0d;
    p[11] = p[27] = 0xb8;
    p[23] = 1;
    p[39] = 2;
}

void wrap_ethernet(struct wrap *w, uint16_t type)
{
    uint8_t *p = wrap_before(w, 14);
    memset(p, 2, 12);
    put16(p + 12, type);
}

struct wt_packet wrap_packet(const struct wrap *w, uint16_t link)
{
    return (struct wt_packet){.frame = 1,
                              .link = link,
                              .data = w->room + w->begin,
                              .length = (uint32_t)(w->end - w->begin),
                              .original = (uint32_t)(w->end - w->begin)};
}

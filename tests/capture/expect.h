/* A segment in layers, and what decoding them must give. */
#ifndef WT_TEST_CAPTURE_EXPECT_H
#define WT_TEST_CAPTURE_EXPECT_H

#include "make.h"

#include "capture/fragment.h"
#include "registry/limits.h"
#include "wiretale/layer.h"

static const char payload[] = "GET / ";
enum { PAYLOAD = 6, IPV4 = 0x0800, IPV6 = 0x86dd, TCP = 6, UDP = 17 };

static struct wt_fragments *fragments;
static struct wrap w;

static inline int begin(void **state)
{
    (void)state;
    fragments = wt_fragments_new();
    return fragments ? 0 : -1;
}

static inline int end(void **state)
{
    (void)state;
    wt_fragments_free(fragments);
    return 0;
}

/* Decodes a copy of its own size, so that a sanitizer sees any read beyond it. */
static inline enum wt_packet_reason decode_part(const struct wt_packet *packet, uint32_t length, struct wt_segment *s)
{
    struct wt_packet part = *packet;
    uint8_t *copy = malloc(length + 1);
    enum wt_packet_reason reason;
    assert_non_null(copy);
    memcpy(copy, packet->data, length);
    part.data = copy;
    part.length = length;
    memset(s, 0xaa, sizeof *s);
    reason = wt_packet_decode(fragments, &part, s);
    if (reason == WT_PACKET_TCP && s->length > 0) {
        assert_true(s->length <= PAYLOAD);
        assert_memory_equal(s->data, payload, s->length);
    }
    free(copy);
    return reason;
}

/* The packet as made holds our segment; cut at any byte it holds the beginning of it, or says that it was cut. */
static inline void expect_segment(uint16_t link)
{
    struct wt_packet packet = wrap_packet(&w, link);
    struct wt_segment s;
    assert_int_equal(decode_part(&packet, packet.length, &s), WT_PACKET_TCP);
    assert_int_equal(s.source_port, 40000);
    assert_int_equal(s.target_port, 443);
    assert_int_equal(s.sequence, 1000);
    assert_int_equal(s.acknowledgment, 2000);
    assert_int_equal(s.flags, WT_TCP_ACK | WT_TCP_PSH);
    assert_int_equal(s.window, 512);
    assert_int_equal(s.length, PAYLOAD);
    assert_int_equal(s.missing, 0);
    assert_true(s.layer_count >= 2 && s.layer_count <= sizeof s.layers);
    for (uint32_t n = 0; n < packet.length; n++) {
        enum wt_packet_reason reason = decode_part(&packet, n, &s);
        if (reason == WT_PACKET_TCP)
            assert_int_equal(s.length + s.missing, PAYLOAD);
        else if (reason == WT_PACKET_UDP) /* cut before anything shows a tunnel */
            assert_true(s.missing > 0);
        else if (reason != WT_PACKET_TRUNCATED && reason != WT_PACKET_OTHER)
            fail_msg("link %u cut at %u: %s", link, n, wt_packet_reason_name(reason));
    }
}

static inline void expect_reason(uint16_t link, enum wt_packet_reason reason)
{
    struct wt_packet packet = wrap_packet(&w, link);
    struct wt_segment s;
    enum wt_packet_reason found = decode_part(&packet, packet.length, &s);
    if (found != reason)
        fail_msg("%s instead of %s", wt_packet_reason_name(found), wt_packet_reason_name(reason));
}

static inline void segment(void)
{
    wrap_start(&w, payload, PAYLOAD);
    wrap_tcp(&w, WT_TCP_ACK | WT_TCP_PSH, 12);
}

static inline void ipv4(void)
{
    segment();
    wrap_ipv4(&w, TCP);
}

static inline void ipv6(void)
{
    segment();
    wrap_ipv6(&w, TCP);
}

static inline void frame(void)
{
    ipv4();
    wrap_ethernet(&w, IPV4);
}

static inline void in_udp(uint16_t target)
{
    wrap_udp(&w, 50000, target);
    wrap_ipv4(&w, UDP);
    wrap_ethernet(&w, IPV4);
    expect_segment(1);
}

static inline void in_protocol(uint8_t protocol)
{
    wrap_ipv4(&w, protocol);
    wrap_ethernet(&w, IPV4);
    expect_segment(1);
}

#endif

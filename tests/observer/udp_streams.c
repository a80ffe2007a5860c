/* Prints a capture's UDP conversations as `tshark -T fields -e frame.number -e udp.stream` does, for
 * test_udp_streams.py: packet, tab, the numbers of its UDP headers from the outermost in. */
#include "capture/fragment.h"
#include "observer/transport/datagrams.h"

#include <stdio.h>

static uint32_t number(struct wt_datagrams *d, const uint8_t source[16], const uint8_t target[16], uint16_t from,
                       uint16_t to)
{
    struct wt_segment s = {.source_port = from, .target_port = to};
    unsigned direction;
    memcpy(s.source, source, 16);
    memcpy(s.target, target, 16);
    const struct wt_conversation *c = wt_conversations_find(d->table, &s, &direction);
    return c ? c->stream : UINT32_MAX;
}

static void look(struct wt_datagrams *d, struct wt_fragments *fragments, const struct wt_packet *packet)
{
    struct wt_segment s;
    const struct wt_datagram_stamp at = {packet->time, packet->frame};
    enum wt_packet_reason reason = wt_packet_decode(fragments, packet, &s);
    bool quoted = reason == WT_PACKET_QUOTED_UDP, inner = quoted || reason == WT_PACKET_UDP;
    wt_datagrams_outer(d, &s, at);
    if (quoted)
        (void)wt_datagrams_quoted(d, &s, at, &(unsigned){0});
    else if (inner)
        (void)wt_datagrams_take(d, &s, at, 0, &(unsigned){0});
    if (!s.outer_count && !inner)
        return;
    (void)printf("%u\t", packet->frame);
    for (unsigned i = 0; i < s.outer_count; i++)
        (void)printf("%s%u", i ? "," : "",
                     number(d, s.outer[i].source, s.outer[i].target, s.outer[i].source_port, s.outer[i].target_port));
    if (inner)
        (void)printf("%s%u", s.outer_count ? "," : "", number(d, s.source, s.target, s.source_port, s.target_port));
    (void)putchar('\n');
}

int main(int argc, char **argv)
{
    struct wt_error error;
    struct wt_capture *capture = argc == 2 ? wt_capture_open(argv[1], &error) : NULL;
    struct wt_fragments *fragments = wt_fragments_new();
    struct wt_datagrams d = {0};
    struct wt_packet packet;
    if (!capture || !fragments)
        return 2;
    while (wt_capture_next(capture, &packet))
        look(&d, fragments, &packet);
    wt_datagrams_clear(&d);
    (void)wt_fragments_flush(fragments);
    wt_fragments_free(fragments);
    wt_capture_close(capture);
    return 0;
}

/* The straight way through the packet that most are: TCP in IPv4 in Ethernet, with nothing about it that needs a second
 * look. Whatever else is left to the general walk, which makes the same of these, too. */
#include "capture/straight.h"

#include "wiretale/layer.h"

enum { ETHERNET = 14, IPV4 = 20, TCP = 20, LINK_ETHERNET = 1, PROTOCOL_TCP = 6 };

/* RFC 894's padding that some devices count as data has at most so many bytes: the general walk looks at them. */
enum { PADDING_MOST = 6 };

bool wt_straight_decode(const struct wt_packet *packet, struct wt_segment *s)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    const uint8_t *ip = packet->data + ETHERNET, *tcp = ip + IPV4;
    if (packet->link != LINK_ETHERNET || packet->length < ETHERNET + IPV4 + TCP)
        return false;
    const uint32_t total = wt_get16(ip + 2), header = (tcp[12] >> 4) * 4u;
    /* version 4 without options; no fragment, which 13 bits of offset and one flag would show */
    if (wt_get16(ip - 2) != 0x0800 || ip[0] != 0x45 || wt_get16(ip + 6) & 0x3fff || ip[9] != PROTOCOL_TCP)
        return false;
    /* all of it is there */
    if (total > packet->length - ETHERNET || header < TCP || total < IPV4 + header)
        return false;
    const uint32_t length = total - IPV4 - header;
    if (length - 1 < PADDING_MOST)
        return false;
    memcpy(s->source, mapped, sizeof mapped);
    memcpy(s->source + sizeof mapped, ip + 12, 4);
    memcpy(s->target, mapped, sizeof mapped);
    memcpy(s->target + sizeof mapped, ip + 16, 4);
    s->source_port = wt_get16(tcp);
    s->target_port = wt_get16(tcp + 2);
    s->sequence = wt_get32(tcp + 4);
    s->acknowledgment = wt_get32(tcp + 8);
    s->flags = tcp[13];
    s->window = wt_get16(tcp + 14);
    s->ttl = ip[8];
    s->id = wt_get16(ip + 4);
    s->options = wt_span_of(tcp + TCP, header - TCP);
    s->data = tcp + header;
    s->length = length;
    s->missing = 0;
    s->layers[0] = WT_LAYER_ETHERNET;
    s->layers[1] = WT_LAYER_IPV4;
    s->layers[2] = WT_LAYER_TCP;
    s->layer_count = 3;
    s->outer_count = s->notes = s->stop = 0;
    s->joined = 0;
    return true;
}

/* Packets of any link type, several in a row so that fragments can meet. The first two bytes of each are the link type
 * (only its lower nine bits), then how many bytes it has, and how many more the capture cut off. */
#include "capture/fragment.h"
#include "capture/packet.h"
#include "registry/limits.h"
#include "wiretale/layer.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct wt_packet *packet, const struct wt_segment *s)
{
    volatile uint8_t last = 0;
    if (s->layer_count > sizeof s->layers || s->missing > WT_LIMIT_PACKET || s->length > WT_LIMIT_PACKET)
        abort();
    for (unsigned i = 0; i < s->layer_count; i++)
        if (s->layers[i] == WT_LAYER_NONE || s->layers[i] >= WT_LAYER_COUNT)
            abort();
    if (s->length > 0)
        last = (uint8_t)(s->data[0] ^ s->data[s->length - 1]);
    (void)last;
    (void)packet;
}

/* Where it ended has a name. */
static void check_stop(enum wt_packet_reason reason, const struct wt_packet *packet, const struct wt_segment *s)
{
    char name[WT_STOP_NAME];
    uint32_t number;
    enum wt_stop stop = wt_packet_stop(reason, packet, s, &number);
    if (stop == WT_STOP_NONE || stop >= WT_STOP_COUNT || !*wt_stop_name(stop, number, name))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wt_fragments *fragments = wt_fragments_new();
    int64_t now = 0;
    while (fragments && size >= 5) {
        size_t n = (size_t)data[2] << 8 | data[3];
        struct wt_packet packet = {.link = (uint16_t)((data[0] & 1) << 8 | data[1])};
        struct wt_segment segment;
        enum wt_packet_reason reason;
        uint8_t *copy;
        now += (int64_t)(data[0] >> 1) * 100000000;
        if (n > size - 5)
            n = size - 5;
        copy = malloc(n + 1); /* of its own, so that a read beyond it is seen */
        if (!copy)
            break;
        memcpy(copy, data + 5, n);
        packet.data = copy;
        packet.length = (uint32_t)n;
        packet.original = (uint32_t)n + data[4] * 8u;
        packet.time.ns = now;
        reason = wt_packet_decode(fragments, &packet, &segment);
        if (segment.outer_count > WT_OUTER_DATAGRAMS)
            abort();
        if (reason == WT_PACKET_TCP || reason == WT_PACKET_UDP)
            check(&packet, &segment);
        else if ((unsigned)reason >= WT_PACKET_REASONS)
            abort();
        else
            check_stop(reason, &packet, &segment);
        free(copy);
        data += 5 + n;
        size -= 5 + n;
    }
    if (fragments)
        (void)wt_fragments_flush(fragments);
    wt_fragments_free(fragments);
    return 0;
}

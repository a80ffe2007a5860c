/* Elements of a connection's lists, for programs that do not know how large they are in this library. */
#include "wiretale/quic_packet.h"
#include "wiretale/story.h"

#define ELEMENT(name, type, array, count)                                                                              \
    const struct type *wt_connection_##name(const struct wt_connection *c, size_t i)                                   \
    {                                                                                                                  \
        return i < c->count ? &c->array[i] : NULL;                                                                     \
    }

ELEMENT(message, wt_message, messages, message_count)
ELEMENT(alert, wt_alert_seen, alerts, alert_count)
ELEMENT(finding, wt_finding, findings, finding_count)
ELEMENT(exchange, wt_exchange, exchanges, exchange_count)
ELEMENT(step, wt_told_step, derivation, derivation_count)
ELEMENT(record_step, wt_told_step, record_steps, record_step_count)
ELEMENT(record_at, wt_record_seen, records, record_count)
ELEMENT(packet_at, wt_packet_headers, packets, packet_count)
ELEMENT(segment, wt_segment_seen, segments, segment_count)

const struct wt_record_seen *wt_connection_record(const struct wt_connection *c, enum wt_side from, uint32_t number)
{
    size_t low = 0, high = c->record_count;
    while (low < high) { /* the client's come first, each side's by number */
        size_t middle = low + (high - low) / 2;
        const struct wt_record_seen *r = &c->records[middle];
        if (r->from < from || (r->from == from && r->number < number))
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < c->record_count && c->records[low].from == from && c->records[low].number == number;
    return found ? &c->records[low] : NULL;
}

const struct wt_packet_headers *wt_connection_packet(const struct wt_connection *c, uint32_t frame)
{
    size_t low = 0, high = c->packet_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (c->packets[middle].frame < frame)
            low = middle + 1;
        else
            high = middle;
    }
    return low < c->packet_count && c->packets[low].frame == frame ? &c->packets[low] : NULL;
}

const struct wt_quic_frame_told *wt_quic_packet_frame(const struct wt_quic_packet_told *packet, size_t i)
{
    return i < packet->frame_count ? &packet->frames[i] : NULL;
}

const struct wt_quic_parameter_told *wt_quic_packet_parameter(const struct wt_quic_packet_told *packet, size_t i)
{
    return i < packet->parameter_count ? &packet->parameters[i] : NULL;
}

#include "report/explain/datagrams.h"

#include "base/memory.h"
#include "codec/datagram_fields.h"
#include "report/explain/explain.h"
#include "report/explain/fields.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static bool room(struct wt_trail *trail, size_t bytes)
{
    const size_t cap = wt_datagram_most_fields(bytes);
    struct wt_trail_event *events = bytes ? wt_malloc(cap * sizeof *events) : NULL;
    *trail = (struct wt_trail){.events = events, .cap = cap};
    return events != NULL;
}

/* HTTP/3, where that is what the streams carry: its frames go on from packet to packet, those between included. */
static struct wt_http3_places *http3_of(struct wt_text *x, const struct wt_quic_packet_seen *packet)
{
    const struct wt_quic_packet_seen *list = x->c->quic->packet_list;
    struct wt_error error;
    if (!wt_span_starts(x->c->alpn, "h3"))
        return NULL;
    x->http3.sections = x->options->secrets;
    for (; &list[x->http3_next] < packet; x->http3_next++) {
        const struct wt_quic_packet_seen *p = &list[x->http3_next];
        x->http3.from = p->from;
        if (p->bytes.n)
            wt_quic_packet_fields(p->bytes, p->id_length, p->opened, &x->http3, NULL, &error);
    }
    x->http3_next++;
    x->http3.from = packet->from;
    return &x->http3;
}

void wt_explain_packet(struct wt_text *x, const struct wt_quic_packet_seen *packet)
{
    struct wt_trail trail;
    struct wt_error error;
    char line[256];
    if (!room(&trail, packet->bytes.n))
        return;
    (void)snprintf(line, sizeof line,
                   packet->opened || packet->bytes.n == packet->length
                       ? _("The packet, byte by byte: %" PRIu32 " bytes, from byte %" PRIu32 " of its datagram on.")
                       : _("What of the packet is in the clear: it has %" PRIu32 " bytes, from byte %" PRIu32
                           " of its datagram on."),
                   packet->length, packet->offset);
    wt_explain_say(x, WT_EXPLAIN_AT, line);
    wt_quic_packet_fields(packet->bytes, packet->id_length, packet->opened, http3_of(x, packet), &trail, &error);
    wt_explain_datagram_fields(x, "quic", packet->bytes, &trail, &error);
    free(trail.events);
}

void wt_explain_record(struct wt_text *x, const struct wt_dtls_record_seen *record)
{
    const struct wt_dtls_layout layout = {record->header_length, record->id_length, record->type};
    struct wt_trail trail;
    struct wt_error error;
    char line[256];
    if (!room(&trail, record->bytes.n))
        return;
    (void)snprintf(line, sizeof line,
                   record->opened ? _("Its record, byte by byte: %" PRIu32 " bytes.")
                                  : _("What of its record is in the clear: it has %" PRIu32 " bytes."),
                   record->sent);
    wt_explain_say(x, WT_EXPLAIN_AT, line);
    wt_dtls_record_fields(record->bytes, &layout, &trail, &error);
    wt_explain_datagram_fields(x, "dtls", record->bytes, &trail, &error);
    free(trail.events);
}

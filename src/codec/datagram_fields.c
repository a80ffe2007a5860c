#include "codec/datagram_fields.h"

#include "codec/dtls.h"
#include "codec/frame/frame.h"
#include "codec/quic.h"

#include <string.h>

enum { HEADER_FIELDS = 16, LENGTH_BYTES = 2 };

/* The struct that a frame opened is called after it. */
static void name_frame(struct wt_trail *trail, size_t at, enum wt_quic_frame_kind kind)
{
    if (trail && at < trail->n)
        trail->events[at].field = wt_quic_frame_id(kind);
}

static void read_frames(struct wt_reader *r, struct wt_http3_places *http3, struct wt_trail *trail)
{
    struct wt_quic_frame frame;
    bool read = true;
    while (read && wt_reader_left(r)) {
        const size_t at = trail ? trail->n : 0;
        read = wt_quic_frame_read(r, &frame);
        name_frame(trail, at, frame.kind);
        if (http3 && read && frame.kind == WT_FRAME_STREAM)
            wt_http3_fields(http3, frame.stream_id, frame.offset, frame.data, r);
    }
}

/* The packet number and what header protection covered beside it are as RFC 9000, 17.2 and 17.3 have them. */
static void read_opened(struct wt_reader *r, const struct wt_quic_header *h, struct wt_http3_places *http3,
                        struct wt_trail *trail, struct wt_error *error)
{
    const unsigned number_length = (h->first & 3u) + 1;
    const size_t before = h->number_at + number_length + WT_QUIC_TAG;
    if (h->size < before)
        return;
    (void)wt_read_number(r, "packet_number", number_length, 0);
    struct wt_reader frames = wt_read_part(r, "payload", h->size - before, WT_TRAIL_LIST);
    read_frames(&frames, http3, trail);
    *error = r->decode->error;
    r->decode->lost = false; /* what cannot be read of the frames is no reason to lose the tag */
    (void)wt_read_bytes(r, "authentication_tag", WT_QUIC_TAG);
}

void wt_quic_packet_fields(struct wt_span packet, size_t id_length, bool opened, struct wt_http3_places *http3,
                           struct wt_trail *trail, struct wt_error *error)
{
    struct wt_decode decode;
    struct wt_quic_header h;
    struct wt_reader r = wt_reader_start(&decode, packet, trail);
    *error = (struct wt_error){.code = WT_OK};
    if (!wt_quic_header_read(&r, id_length, &h) || !opened || !h.number_at)
        return;
    read_opened(&r, &h, http3, trail, error);
}

/* Its length is that of what was sent, which is not there: the reader of records tells no field of it, and `end` is where
 * the last before it ends. A header that ends elsewhere has none to be read. */
static void read_length(struct wt_reader *r, const struct wt_dtls_record *record, size_t header_length, size_t end)
{
    const bool has_length =
        (!record->unified || record->first & WT_DTLS13_LENGTH) && end + LENGTH_BYTES <= header_length;
    r->p += header_length - (has_length ? LENGTH_BYTES : 0);
    if (has_length)
        (void)wt_read_u16(r, "length");
}

static void read_fragments(struct wt_reader *r)
{
    struct wt_dtls_fragment fragment;
    bool read = true;
    while (read && wt_reader_left(r)) {
        const size_t mark = wt_read_enter(r, "handshake");
        read = wt_dtls_fragment_read(r, &fragment);
        wt_read_leave(r, mark);
    }
}

void wt_dtls_record_fields(struct wt_span record, const struct wt_dtls_layout *layout, struct wt_trail *trail,
                           struct wt_error *error)
{
    struct wt_decode header, content;
    struct wt_dtls_record read;
    const size_t before = trail ? trail->n : 0;
    struct wt_reader r = wt_reader_start(&header, wt_span_cut(record, 0, layout->header_length), trail);
    *error = (struct wt_error){.code = WT_OK};
    const bool whole = wt_dtls_record_read(&r, layout->id_length, &read);
    const struct wt_trail_event *last = trail && trail->n > before ? &trail->events[trail->n - 1] : NULL;
    const size_t end = last ? (size_t)last->offset + last->length : 0;
    r = wt_reader_start(&content, record, trail);
    if (layout->header_length < LENGTH_BYTES || record.n < layout->header_length)
        return;
    if (whole)
        r.p += layout->header_length;
    else
        read_length(&r, &read, layout->header_length, end);
    if (layout->type == WT_CONTENT_HANDSHAKE)
        read_fragments(&r);
    else if (layout->type == WT_CONTENT_ACK && wt_reader_left(&r))
        (void)wt_dtls_ack_read(&r);
    else if (wt_reader_left(&r))
        (void)wt_read_rest(&r, layout->type == WT_CONTENT_APPLICATION_DATA ? "application_data" : "content");
    *error = content.error;
}

bool wt_datagram_is_application(const struct wt_trail_event *event)
{
    static const char *const fields[] = {"stream_data", "datagram_data",         "application_data", "stream_rest",
                                         "http3_data",  "encoded_field_section", "frame_payload"};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (event->form != WT_TRAIL_LIST && strcmp(event->field, fields[i]) == 0)
            return true;
    return false;
}

/* A PING is a byte, and has a struct and a type; a range of an ACK two, with a struct and two numbers. */
size_t wt_datagram_most_fields(size_t bytes)
{
    return HEADER_FIELDS + 2 * bytes;
}

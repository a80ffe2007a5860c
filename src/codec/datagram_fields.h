/* What a datagram of QUIC or DTLS holds, for the trail: which field is where, once protection is off. All of it is read
 * by codec/quic.h, codec/frame/frame.h and codec/dtls.h; the trail is theirs. */
#ifndef WT_CODEC_DATAGRAM_FIELDS_H
#define WT_CODEC_DATAGRAM_FIELDS_H

#include "codec/http3.h"

/* A QUIC packet. `opened`: header protection is off, the payload is plaintext, and behind it is the packet's tag: every
 * byte is in one field, and each frame a struct named after its type (wt_quic_frame_id()). Else what the bytes have of
 * the header. `id_length`: bytes of the Destination Connection ID in a short header. http3: what STREAM frames have is
 * HTTP/3's, and the packets of the connection come in order; NULL: it is opaque. *error: where frames end that can be
 * read. */
void wt_quic_packet_fields(struct wt_span packet, size_t id_length, bool opened, struct wt_http3_places *http3,
                           struct wt_trail *trail, struct wt_error *error);
/* A DTLS record: header_length bytes of header, with id_length bytes of connection id, and behind it the content of
 * that type, if it is there. */
struct wt_dtls_layout {
    size_t header_length, id_length;
    uint8_t type;
};
void wt_dtls_record_fields(struct wt_span record, const struct wt_dtls_layout *layout, struct wt_trail *trail,
                           struct wt_error *error);

/* Whether a field of either is what the application said: not to be shown but to who asks for it. */
bool wt_datagram_is_application(const struct wt_trail_event *event);

/* What either trail takes at most. */
size_t wt_datagram_most_fields(size_t bytes);

#endif

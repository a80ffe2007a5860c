/* A datagram of QUIC packets, as it is on the wire, the frames of an opened one, and a stream of HTTP/3 in pieces: the
 * first byte chooses which, and how many bytes a connection id has.
 *
 * Held to: the same with a trail and without; a trail that covers every byte that was read; spans inside the datagram;
 * packets that go on to its end; frames that are written and read again say the same; ranges of an ACK that go down. */
#include "codec/frame/frame.h"
#include "codec/http3.h"
#include "codec/quic.h"

#include "../tests/codec/trail_check.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { EVENTS = 1 << 18 };

static struct wt_trail_event events[EVENTS];

static void hold(bool so, const char *what)
{
    if (so)
        return;
    fprintf(stderr, "fuzz_quic: %s\n", what);
    abort();
}

static void inside(struct wt_span part, struct wt_span all)
{
    hold(!part.n || (part.p >= all.p && part.p + part.n <= all.p + all.n), "a span outside the packet");
}

/* --- headers ----------------------------------------------------------------------------------------------------- */

static void check_header(struct wt_span packet, size_t dcid_length, const struct wt_quic_header *header)
{
    const struct wt_span spans[] = {header->dcid,          header->scid,      header->token,
                                    header->original_dcid, header->retry_tag, header->supported_versions,
                                    header->rest};
    struct wt_trail trail = {events, 0, EVENTS, 0};
    struct wt_quic_header again;
    struct wt_decode decode;
    for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++)
        inside(spans[i], packet);
    hold(header->size > 0 && header->size <= packet.n, "a packet of no bytes, or of more than there are");
    hold(header->number_at <= header->size, "a packet number behind its packet");
    struct wt_reader r = wt_reader_start(&decode, wt_span_cut(packet, 0, header->size), &trail);
    hold(wt_quic_header_read(&r, dcid_length, &again), "a packet alone is not what it was with others");
    hold(again.size == header->size && again.number_at == header->number_at && again.packet == header->packet,
         "it is another alone");
    if (header->number_at && header->size - header->number_at >= 4)
        wt_quic_number_read(&r, 4);
    if (decode.error.code == WT_OK && wt_reader_left(&r) == 0)
        hold(!trail_check(&trail, header->size), "the trail does not cover the packet");
}

static void read_datagram(struct wt_span datagram, size_t dcid_length)
{
    while (datagram.n) {
        struct wt_quic_header header;
        struct wt_decode decode;
        struct wt_reader r = wt_reader_start(&decode, datagram, NULL);
        if (!wt_quic_header_read(&r, dcid_length, &header))
            return;
        check_header(datagram, dcid_length, &header);
        datagram = wt_span_cut(datagram, header.size, SIZE_MAX);
    }
}

/* --- frames ------------------------------------------------------------------------------------------------------ */

static void walk_ranges(const struct wt_quic_ack *ack)
{
    struct wt_quic_ack_walk walk = {0};
    uint64_t below = UINT64_MAX, ranges = 0;
    while (wt_quic_ack_next(ack, &walk)) {
        hold(walk.smallest <= walk.largest && walk.largest < below, "ranges that do not go down");
        below = walk.smallest;
        ranges++;
    }
    hold(ranges <= ack->ack_range_count + 1, "more ranges than are there");
}

/* All zeros but for the spans, which are elsewhere now. */
static bool same_numbers(struct wt_quic_frame a, struct wt_quic_frame b)
{
    struct wt_span *const of_a[] = {&a.ack.ack_ranges,        &a.data,  &a.connection_id,
                                    &a.stateless_reset_token, &a.token, &a.reason_phrase},
                          *const of_b[] = {&b.ack.ack_ranges,        &b.data,  &b.connection_id,
                                           &b.stateless_reset_token, &b.token, &b.reason_phrase};
    for (size_t i = 0; i < sizeof of_a / sizeof of_a[0]; i++) {
        if (!wt_span_equal(*of_a[i], *of_b[i]))
            return false;
        of_a[i]->p = of_b[i]->p = NULL;
    }
    return memcmp(&a, &b, sizeof a) == 0;
}

static void write_again(const struct wt_quic_frame *frame, size_t most)
{
    uint8_t *room = malloc(most + 16);
    struct wt_quic_frame again;
    struct wt_decode decode;
    struct wt_span written;
    if (!room)
        return;
    struct wt_writer w = wt_writer_start(room, most + 16);
    wt_quic_frame_write(&w, frame);
    hold(wt_writer_done(&w, &written) == WT_OK, "a frame that was read is not written");
    hold(written.n <= most, "a frame is longer when it is written");
    struct wt_reader r = wt_reader_start(&decode, written, NULL);
    hold(wt_quic_frame_read(&r, &again) && wt_reader_left(&r) == 0, "a frame that was written is not read");
    hold(same_numbers(*frame, again), "a frame says something else when it is written and read again");
    free(room);
}

static void read_frames(struct wt_span payload)
{
    struct wt_trail trail = {events, 0, EVENTS, 0};
    struct wt_decode decode, silent;
    struct wt_reader r = wt_reader_start(&decode, payload, &trail), s = wt_reader_start(&silent, payload, NULL);
    while (wt_reader_left(&r)) {
        struct wt_quic_frame frame, other;
        const size_t before = wt_reader_left(&r);
        const bool read = wt_quic_frame_read(&r, &frame), without = wt_quic_frame_read(&s, &other);
        hold(read == without && wt_reader_left(&r) == wt_reader_left(&s), "the trail changes what is read");
        hold(wt_reader_left(&r) < before, "a frame of no bytes");
        if (!read)
            return;
        hold(same_numbers(frame, other), "the trail changes a frame");
        inside(frame.data, payload);
        if (frame.kind == WT_FRAME_ACK)
            walk_ranges(&frame.ack);
        if (decode.error.code == WT_OK)
            write_again(&frame, before - wt_reader_left(&r));
    }
    if (decode.error.code == WT_OK && !trail.lost)
        hold(!trail_check(&trail, payload.n), "the trail does not cover the frames");
}

/* --- HTTP/3 ------------------------------------------------------------------------------------------------------ */

static bool same_places(const struct wt_http3_places *a, const struct wt_http3_places *b)
{
    for (size_t i = 0; i < WT_LIMIT_HTTP3_PLACES; i++) {
        const struct wt_http3_place *p = &a->list[i], *q = &b->list[i];
        if (p->id != q->id || p->next != q->next || p->type != q->type || p->left != q->left || p->state != q->state ||
            p->have != q->have)
            return false;
    }
    return a->count == b->count;
}

/* A piece of a stream, with a trail and without: it stands at the same place afterwards. */
static void read_piece(struct wt_http3_places *told, struct wt_http3_places *silent, uint64_t stream, uint64_t offset,
                       struct wt_span piece)
{
    struct wt_trail trail = {events, 0, EVENTS, 0};
    struct wt_decode with, without;
    struct wt_reader r = wt_reader_start(&with, piece, &trail), s = wt_reader_start(&without, piece, NULL);
    (void)wt_read_bytes(&r, "stream_data", piece.n);
    (void)wt_read_bytes(&s, "stream_data", piece.n);
    wt_http3_fields(told, stream, offset, piece, &r);
    wt_http3_fields(silent, stream, offset, piece, &s);
    hold(trail_check(&trail, piece.n) == NULL, "the trail of a stream has holes");
    hold(same_places(told, silent), "the trail changes where a stream stands");
}

static void read_stream(uint8_t how, struct wt_span all)
{
    enum { PIECE = 37 };
    static struct wt_http3_places told, silent;
    memset(&told, 0, sizeof told);
    told.sections = how & 1;
    silent = told;
    for (size_t at = 0, n; at < all.n; at += n) {
        n = how & 2 ? (size_t)1 + all.p[at] % PIECE : all.n;
        n = n < all.n - at ? n : all.n - at;
        read_piece(&told, &silent, how & 4 ? 3 : 0, at, wt_span_cut(all, at, n));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    const struct wt_span rest = wt_span_of(data + 1, size - 1);
    if (data[0] & 0x80)
        read_frames(rest);
    else if (data[0] & 0x40)
        read_stream(data[0], rest);
    else
        read_datagram(rest, data[0] % 21);
    return 0;
}

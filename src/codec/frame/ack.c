/* ACK: RFC 9000, 19.3; ACK_FREQUENCY: draft-ietf-quic-ack-frequency, 4. */
#include "codec/frame/frame.h"

#define NEGATIVE                                                                                                       \
    "RFC 9000, 19.3.1: \"If any computed packet number is negative, an endpoint MUST generate a connection error of "  \
    "type FRAME_ENCODING_ERROR.\""

bool wt_quic_ack_next(const struct wt_quic_ack *ack, struct wt_quic_ack_walk *walk)
{
    uint64_t gap, range;
    if (!walk->begun) {
        *walk = (struct wt_quic_ack_walk){.largest = ack->largest_acknowledged, .rest = ack->ack_ranges, .begun = true};
        walk->smallest = walk->largest - ack->first_ack_range;
        return ack->first_ack_range <= walk->largest;
    }
    const unsigned first = wt_get_varint(walk->rest, &gap);
    walk->rest = wt_span_cut(walk->rest, first, SIZE_MAX);
    const unsigned second = first ? wt_get_varint(walk->rest, &range) : 0;
    walk->rest = wt_span_cut(walk->rest, second, SIZE_MAX);
    /* "largest = previous_smallest - gap - 2", "smallest = largest - ack_range" */
    if (!second || walk->smallest < 2 || gap > walk->smallest - 2 || range > walk->smallest - 2 - gap)
        return false;
    walk->largest = walk->smallest - gap - 2;
    walk->smallest = walk->largest - range;
    return true;
}

/* Each range takes two bytes at least, so that a count is believed no further than the bytes go. */
static void read_ranges(struct wt_reader *r, struct wt_quic_ack *ack)
{
    const uint8_t *begin = r->p;
    uint64_t smallest = ack->largest_acknowledged - ack->first_ack_range;
    bool negative = ack->first_ack_range > ack->largest_acknowledged;
    const size_t offset = wt_reader_offset(r);
    for (uint64_t i = 0; i < ack->ack_range_count && !r->decode->lost; i++) {
        const size_t mark = wt_read_enter(r, "ack_range");
        const uint64_t gap = wt_read_varint(r, "gap", 0), range = wt_read_varint(r, "ack_range_length", 0);
        wt_read_leave(r, mark);
        negative = negative || smallest < 2 || gap > smallest - 2 || range > smallest - 2 - gap;
        smallest -= gap + 2 + range; /* of use only while nothing is negative */
    }
    if (r->decode->lost)
        return;
    ack->ack_ranges = wt_span_of(begin, (size_t)(r->p - begin));
    if (negative)
        wt_reader_fault_at(r, offset, WT_VALUE, "ack_range", ack->ack_range_count, 0, NEGATIVE);
}

static void read_ack(struct wt_reader *r, struct wt_quic_ack *ack)
{
    ack->largest_acknowledged = wt_read_varint(r, "largest_acknowledged", 0);
    ack->ack_delay = wt_read_varint(r, "ack_delay", 0);
    ack->ack_range_count = wt_read_varint(r, "ack_range_count", 0);
    ack->first_ack_range = wt_read_varint(r, "first_ack_range", 0);
    read_ranges(r, ack);
    if (!ack->has_ecn)
        return;
    ack->ect0_count = wt_read_varint(r, "ect0_count", 0);
    ack->ect1_count = wt_read_varint(r, "ect1_count", 0);
    ack->ecn_ce_count = wt_read_varint(r, "ecn_ce_count", 0);
}

void wt_frame_ack_read(struct wt_reader *r, struct wt_quic_frame *out)
{
    if (out->kind == WT_FRAME_ACK) {
        out->ack.has_ecn = out->type & 1;
        read_ack(r, &out->ack);
    } else if (out->kind == WT_FRAME_ACK_FREQUENCY) {
        out->sequence_number = wt_read_varint(r, "sequence_number", 0);
        out->ack_eliciting_threshold = wt_read_varint(r, "ack_eliciting_threshold", 0);
        out->requested_max_ack_delay = wt_read_varint(r, "requested_max_ack_delay", 0);
        out->reordering_threshold = wt_read_varint(r, "reordering_threshold", 0);
    }
}

void wt_frame_ack_write(struct wt_writer *w, const struct wt_quic_frame *in)
{
    if (in->kind == WT_FRAME_ACK) {
        wt_write_varint(w, in->ack.largest_acknowledged);
        wt_write_varint(w, in->ack.ack_delay);
        wt_write_varint(w, in->ack.ack_range_count);
        wt_write_varint(w, in->ack.first_ack_range);
        wt_write_bytes(w, in->ack.ack_ranges);
    }
    if (in->kind == WT_FRAME_ACK && in->type & 1) {
        wt_write_varint(w, in->ack.ect0_count);
        wt_write_varint(w, in->ack.ect1_count);
        wt_write_varint(w, in->ack.ecn_ce_count);
    }
    if (in->kind == WT_FRAME_ACK_FREQUENCY) {
        wt_write_varint(w, in->sequence_number);
        wt_write_varint(w, in->ack_eliciting_threshold);
        wt_write_varint(w, in->requested_max_ack_delay);
        wt_write_varint(w, in->reordering_threshold);
    }
}

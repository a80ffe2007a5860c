/* A datagram of DTLS records; the first byte has the length of the connection ids, and its high bit has the rest read
 * as what stands in a record: fragments of handshake messages, or (next bit) an ACK.
 *
 * Held to: the same with a trail and without; a trail that covers every byte that was read; spans inside the datagram;
 * what was read is what is written. */
#include "codec/dtls.h"

#include "../tests/codec/trail_check.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { EVENTS = 1 << 18, HEADER_MOST = 300 };

static struct wt_trail_event events[EVENTS];

static void hold(bool so, const char *what)
{
    if (so)
        return;
    fprintf(stderr, "fuzz_dtls: %s\n", what);
    abort();
}

static void inside(struct wt_span part, struct wt_span all)
{
    hold(!part.n || (part.p >= all.p && part.p + part.n <= all.p + all.n), "a span outside the datagram");
}

static void covered(const struct wt_decode *decode, const struct wt_trail *trail, size_t n)
{
    if (decode->error.code == WT_OK && !trail->lost)
        hold(!trail_check(trail, n), "the trail does not cover what was read");
}

static void read_records(struct wt_span all, size_t cid)
{
    struct wt_trail trail = {events, 0, EVENTS, 0};
    struct wt_decode decode, silent;
    struct wt_reader r = wt_reader_start(&decode, all, &trail), s = wt_reader_start(&silent, all, NULL);
    while (wt_reader_left(&r)) {
        struct wt_dtls_record record, other;
        struct wt_span written;
        uint8_t room[HEADER_MOST];
        const uint8_t *begin = r.p;
        const bool read = wt_dtls_record_read(&r, cid, &record);
        hold(read == wt_dtls_record_read(&s, cid, &other), "the trail changes what is read");
        if (!read)
            return;
        hold(record.size == other.size && record.size > 0 && r.p == begin + record.size, "a record of another size");
        inside(record.cid, all);
        inside(record.fragment, all);
        struct wt_writer w = wt_writer_start(room, sizeof room);
        wt_dtls_record_write(&w, &record, record.fragment.n);
        hold(wt_writer_done(&w, &written) == WT_OK && written.n == record.size - record.fragment.n &&
                 memcmp(written.p, begin, written.n) == 0,
             "a header is another when it is written");
    }
    covered(&decode, &trail, all.n);
}

static void read_fragments(struct wt_span all)
{
    struct wt_trail trail = {events, 0, EVENTS, 0};
    struct wt_decode decode;
    struct wt_reader r = wt_reader_start(&decode, all, &trail);
    while (wt_reader_left(&r)) {
        struct wt_dtls_fragment fragment;
        if (!wt_dtls_fragment_read(&r, &fragment))
            return;
        inside(fragment.bytes, all);
    }
    covered(&decode, &trail, all.n);
}

static void read_ack(struct wt_span all)
{
    struct wt_trail trail = {events, 0, EVENTS, 0};
    struct wt_decode decode;
    struct wt_reader r = wt_reader_start(&decode, all, &trail);
    const struct wt_span numbers = wt_dtls_ack_read(&r);
    inside(numbers, all);
    for (size_t i = 0; i < wt_dtls_ack_count(numbers); i++)
        (void)wt_dtls_ack_at(numbers, i);
    if (wt_reader_close(&r, "ack"))
        covered(&decode, &trail, all.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    const struct wt_span rest = wt_span_of(data + 1, size - 1);
    if (!(data[0] & 0x80))
        read_records(rest, data[0]);
    else if (data[0] & 0x40)
        read_ack(rest);
    else
        read_fragments(rest);
    return 0;
}

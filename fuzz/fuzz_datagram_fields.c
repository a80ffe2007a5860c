/* The fields of a QUIC packet or of a DTLS record without its protection: the first byte chooses which, and whether it
 * was opened; the second has the length of the connection id, of DTLS the third that of the header and the fourth the
 * content type.
 *
 * Held to: no field beyond the bytes, no byte in two fields, no more fields than are said to be the most; of what was
 * read to its end each byte in a field; the same without a trail's room. */
#include "codec/datagram_fields.h"

#include "codec/quic.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST = 1 << 16, EVENTS = 16 + 2 * MOST, QUIC = 1, OPENED = 2, NARROW = 4 };

static struct wt_trail_event events[EVENTS];
static uint8_t taken[MOST];

static void hold(bool so, const char *what)
{
    if (so)
        return;
    fprintf(stderr, "fuzz_datagram_fields: %s\n", what);
    abort();
}

/* How many of the n bytes are in a field that holds no others. */
static size_t check_fields(const struct wt_trail *t, size_t n)
{
    size_t covered = 0;
    memset(taken, 0, n);
    for (size_t i = 0; i < t->n; i++) {
        const struct wt_trail_event *e = &t->events[i];
        const bool leaf = i + 1 == t->n || t->events[i + 1].depth <= e->depth;
        hold(e->prefix <= e->offset && (size_t)e->offset + e->length <= n, "a field beyond the bytes");
        (void)wt_datagram_is_application(e);
        for (size_t at = e->offset - e->prefix; at < e->offset + (leaf ? e->length : 0u); at++) {
            hold(!taken[at], "a byte in two fields");
            taken[at] = 1;
            covered++;
        }
    }
    return covered;
}

static void packet(struct wt_span bytes, size_t id_length, bool opened, size_t room)
{
    struct wt_trail trail = {events, 0, room, 0};
    struct wt_quic_header h;
    struct wt_decode decode;
    struct wt_error error;
    wt_quic_packet_fields(bytes, id_length, opened, NULL, &trail, &error);
    hold(room < wt_datagram_most_fields(bytes.n) || !trail.lost, "more fields than the most");
    const size_t covered = trail.lost ? 0 : check_fields(&trail, bytes.n);
    struct wt_reader r = wt_reader_start(&decode, bytes, NULL);
    const bool read = wt_quic_header_read(&r, id_length, &h);
    if (!trail.lost && read && opened && h.number_at && error.code == WT_OK &&
        h.size >= h.number_at + (h.first & 3u) + 1 + WT_QUIC_TAG)
        hold(covered == h.size, "a byte of an opened packet is in no field");
}

static void record(struct wt_span bytes, const struct wt_dtls_layout *layout, size_t room)
{
    struct wt_trail trail = {events, 0, room, 0};
    struct wt_error error;
    wt_dtls_record_fields(bytes, layout, &trail, &error);
    hold(room < wt_datagram_most_fields(bytes.n) || !trail.lost, "more fields than the most");
    if (!trail.lost)
        (void)check_fields(&trail, bytes.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 4 || size - 4 > MOST)
        return 0;
    /* of that size exactly: reading beyond it is seen */
    uint8_t *copy = malloc(size > 4 ? size - 4 : 1);
    hold(copy != NULL, "no memory");
    if (size > 4)
        memcpy(copy, data + 4, size - 4);
    const struct wt_span bytes = wt_span_of(copy, size - 4);
    const size_t room = data[0] & NARROW ? data[3] : wt_datagram_most_fields(bytes.n);
    const struct wt_dtls_layout layout = {.header_length = data[2], .id_length = data[1], .type = data[3]};
    if (data[0] & QUIC)
        packet(bytes, data[1], data[0] & OPENED, room);
    else
        record(bytes, &layout, room);
    free(copy);
    return 0;
}

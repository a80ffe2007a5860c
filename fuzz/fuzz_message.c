/* Every handshake message, alert and heartbeat: the first bytes choose type and context, the rest is the body.
 *
 * Held to: the same answer with and without a trail; a trail that covers every byte of what is well; the same bytes
 * when written again; walkers that end. */
#include "mutate_tls.h"

#include "codec/codec.h"
#include "registry/limits.h"

#include "../tests/codec/trail_check.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);

static void hold(bool so, const char *what)
{
    if (so)
        return;
    fprintf(stderr, "fuzz_message: %s\n", what);
    abort();
}

static bool same_error(const struct wt_error *a, const struct wt_error *b)
{
    return a->code == b->code && a->field == b->field && a->offset == b->offset && a->value == b->value &&
           a->bound == b->bound && a->rule == b->rule;
}

static void walk(const struct wt_message_body *body)
{
    struct wt_certificate_entry entry;
    struct wt_span rest, name;
    size_t n = 0;
    if (body->type == WT_HANDSHAKE_CERTIFICATE) {
        rest = body->certificate.list;
        while (wt_certificate_next(&body->certificate, &rest, &entry))
            n += entry.data.n + entry.extensions.n;
        hold(rest.n == 0 && n <= body->certificate.list.n, "a certificate list that was checked does not end");
    }
    if (body->type == WT_HANDSHAKE_CERTIFICATE_REQUEST) {
        rest = body->certificate_request.authorities;
        while (wt_dn_next(&rest, &name))
            n += name.n;
    }
    if (body->type == WT_HANDSHAKE_SERVER_HELLO) {
        (void)wt_server_hello_is_retry(&body->server_hello);
        (void)wt_server_hello_downgrade(&body->server_hello);
    }
    if (body->type == WT_HANDSHAKE_COMPRESSED_CERTIFICATE &&
        body->compressed_certificate.uncompressed_length <= WT_LIMIT_HANDSHAKE_MESSAGE) {
        size_t room_size = body->compressed_certificate.uncompressed_length;
        uint8_t *room = malloc(room_size ? room_size : 1);
        if (room)
            (void)wt_compressed_certificate_inflate(&body->compressed_certificate, room, room_size);
        free(room);
    }
}

static void message(const struct wt_codec_context *c, uint8_t type, struct wt_span bytes, struct wt_trail *trail)
{
    struct wt_message_body plain, body;
    struct wt_error plain_error, error;
    struct wt_span again;
    memset(&plain, 0, sizeof plain);
    memset(&body, 0, sizeof body);
    enum wt_code code = wt_message_decode(c, type, bytes, NULL, &plain, &plain_error);
    hold(wt_message_decode(c, type, bytes, trail, &body, &error) == code, "the trail changes the answer");
    hold(same_error(&plain_error, &error), "the trail changes the error");
    hold(error.offset <= bytes.n, "an error behind the end");
    hold((code == WT_OK) != (error.field != NULL), "an error without its field");
    if (code != WT_OK)
        return;
    const char *complaint = trail->lost ? NULL : trail_check(trail, bytes.n);
    hold(!complaint, complaint);
    walk(&body);
    uint8_t *room = malloc(bytes.n ? bytes.n : 1);
    if (!room)
        return;
    for (int i = 0; i < 2; i++) {
        struct wt_writer w = wt_writer_start(room, bytes.n);
        wt_message_encode(&w, c, i ? &body : &plain);
        hold(wt_writer_done(&w, &again) == WT_OK && wt_span_equal(again, bytes), "written, it is another message");
    }
    free(room);
}

static void others(struct wt_span bytes, struct wt_trail *trail)
{
    struct wt_alert_body alert;
    struct wt_heartbeat heartbeat;
    struct wt_error error;
    if (wt_alert_decode(bytes, trail, &alert, &error) == WT_OK)
        hold(!trail_check(trail, bytes.n), "an alert's trail");
    trail->n = trail->lost = 0;
    if (wt_heartbeat_decode(bytes, trail, &heartbeat, &error) != WT_TRUNCATED)
        hold(!trail_check(trail, bytes.n), "a heartbeat's trail");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint16_t versions[] = {0,      WT_SSL3, WT_TLS10, WT_TLS11, WT_TLS12, WT_TLS13, 0x7f0f, 0x7f12,
                                        0x7f13, 0x7f15,  0x7f1c,   0xfb1a,   0x7e02,   0xfefd,   0xfefc, 0x0101};
    static struct wt_trail_event events[4096];
    struct wt_trail trail = {events, 0, sizeof events / sizeof events[0], 0};
    if (size < 4)
        return 0;
    struct wt_codec_context c = {.version = versions[data[1] & 15],
                                 .from_server = data[1] >> 4 & 1,
                                 .certificate_type = data[1] >> 5 & 2,
                                 .kx = data[2]};
    /* Exactly as long as it says, so that the sanitizers see the first byte beyond. */
    size -= 3;
    uint8_t *copy = malloc(size);
    if (!copy)
        return 0;
    memcpy(copy, data + 3, size);
    message(&c, data[0], wt_span_of(copy, size), &trail);
    trail.n = trail.lost = 0;
    others(wt_span_of(copy, size), &trail);
    free(copy);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
    return mutate_tls_after(data, size, most, 3, size ? shape_of_message(data[0]) : SHAPE_BYTES, seed);
}

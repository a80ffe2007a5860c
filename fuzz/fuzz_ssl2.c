/* SSL 2.0's messages: the first byte is the type. */
#include "codec/codec.h"

#include "../tests/codec/trail_check.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void hold(bool so, const char *what)
{
    if (so)
        return;
    fprintf(stderr, "fuzz_ssl2: %s\n", what);
    abort();
}

/* The hellos that decode write back to the same bytes. */
static void again(uint8_t type, struct wt_span bytes)
{
    static const struct wt_codec_context c = {.version = WT_SSL2};
    struct wt_decode decode;
    struct wt_reader r = wt_reader_start(&decode, bytes, NULL);
    struct wt_span out;
    uint8_t *room = malloc(bytes.n);
    struct wt_writer w = wt_writer_start(room, room ? bytes.n : 0);
    if (type == WT_SSL2_CLIENT_HELLO) {
        struct wt_ssl2_client_hello hello;
        wt_ssl2_client_hello_read(&r, &c, &hello);
        wt_ssl2_client_hello_write(&w, &c, &hello);
    } else {
        struct wt_ssl2_server_hello hello;
        wt_ssl2_server_hello_read(&r, &c, &hello);
        wt_ssl2_server_hello_write(&w, &c, &hello);
    }
    if (room && wt_reader_close(&r, "hello"))
        hold(wt_writer_done(&w, &out) == WT_OK && wt_span_equal(out, bytes), "written, it is another message");
    free(room);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct wt_trail_event events[4096];
    struct wt_trail trail = {events, 0, sizeof events / sizeof events[0], 0};
    struct wt_error plain, error;
    if (size < 2)
        return 0;
    uint8_t type = data[0] & 15;
    size--;
    uint8_t *copy = malloc(size);
    if (!copy)
        return 0;
    memcpy(copy, data + 1, size);
    struct wt_span bytes = wt_span_of(copy, size);
    enum wt_code code = wt_ssl2_decode(type, bytes, NULL, &plain);
    hold(wt_ssl2_decode(type, bytes, &trail, &error) == code, "the trail changes the answer");
    hold(plain.field == error.field && plain.offset == error.offset, "the trail changes the error");
    hold(error.offset <= size, "an error behind the end");
    if (code == WT_OK && !trail.lost)
        hold(!trail_check(&trail, size), "bytes that the trail does not cover");
    if (code == WT_OK && (type == WT_SSL2_CLIENT_HELLO || type == WT_SSL2_SERVER_HELLO))
        again(type, bytes);
    free(copy);
    return 0;
}

/* Capture files of any format from memory: read to the end or to the first damage. The packets' bytes are touched, so
 * that a sanitizer sees a span that reaches too far. */
#include "capture/file.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct sum {
    uint64_t value, bytes;
};

static void add(struct sum *sum, const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        sum->value = sum->value * 31 + p[i];
    sum->bytes += n;
}

static void on_secrets(void *context, const struct wt_capture_secrets *secrets)
{
    add(context, secrets->data.p, secrets->data.n);
}

static void on_name(void *context, struct wt_span address, struct wt_span name)
{
    if (address.n != 4 && address.n != 16)
        abort();
    add(context, address.p, address.n);
    add(context, name.p, name.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wt_error error = {0};
    struct wt_packet packet;
    struct sum sum = {0};
    uint32_t frame = 0;
    char text[256];
    struct wt_capture *c = wt_capture_open_memory((struct wt_span){data, size}, &error);
    if (!c) {
        if (error.code == WT_OK)
            abort();
        return 0;
    }
    wt_capture_on_secrets(c, on_secrets, &sum);
    wt_capture_on_name(c, on_name, &sum);
    /* A few bytes can unpack to gigabytes; what comes later is no different. */
    while (sum.bytes < (1u << 22) && frame < 10000 && wt_capture_next(c, &packet)) {
        if (packet.frame <= frame || packet.original < packet.length || packet.time.digits > 9)
            abort();
        frame = packet.frame;
        add(&sum, packet.data, packet.length);
    }
    if (wt_capture_position(c) > size)
        abort();
    (void)wt_error_format(wt_capture_error(c), text, sizeof text);
    wt_capture_close(c);
    return 0;
}

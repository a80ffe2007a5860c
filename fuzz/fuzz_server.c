/* A server that reads whatever comes in the place of a client's bytes.
 *
 * The first byte chooses its options, the second into which pieces the rest is cut. */
#include "endpoint_fixture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct wt_endpoint *e = fuzz_endpoint(WT_SERVER, data[0]);
    const size_t piece = data[1] ? data[1] : SIZE_MAX;
    (void)wt_endpoint_write(e, "hello", 5);
    (void)fuzz_drain(e);
    for (size_t at = 2; at < size;) {
        size_t n = size - at < piece ? size - at : piece, taken = wt_endpoint_receive(e, data + at, n);
        at += taken;
        if (!fuzz_drain(e) && !taken)
            break;
    }
    wt_endpoint_closed(e, size & 1);
    while (fuzz_drain(e))
        ;
    hold(wt_endpoint_wants(e) == WT_ENDED, "it goes on without its transport");
    wt_endpoint_free(e);
    return 0;
}

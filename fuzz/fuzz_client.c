/* A client that reads whatever comes in the place of a server's bytes.
 *
 * The first byte chooses its options, the second into which pieces the rest is cut. */
#include "endpoint_fixture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_seat(WT_CLIENT, data, size);
    return 0;
}

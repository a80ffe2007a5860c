/* endpoint_seeds CORPUS: writes what client and server of endpoint_fixture.h send to each other, for each choice of
 * options, as CORPUS/server/NAME and CORPUS/client/NAME: with the same numbers the other side takes it for its peer's.
 */
#include "endpoint_fixture.h"

#include <string.h>

enum { MOST = 1 << 16 };

struct said {
    uint8_t p[MOST];
    size_t n;
};

static void save(const char *folder, const char *side, unsigned options, const struct said *said)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s/handshake-%02x", folder, side, options);
    FILE *file = fopen(path, "wb");
    hold(file, path);
    const uint8_t head[2] = {(uint8_t)options, 0};
    hold(fwrite(head, 1, 2, file) == 2 && fwrite(said->p, 1, said->n, file) == said->n && fclose(file) == 0, path);
}

static bool carry(struct wt_endpoint *from, struct wt_endpoint *to, struct said *said)
{
    struct wt_span out = wt_endpoint_outgoing(from);
    if (!out.n)
        return false;
    hold(said->n + out.n <= MOST, "too much was said");
    memcpy(said->p + said->n, out.p, out.n);
    said->n += out.n;
    for (size_t at = 0, taken; at < out.n; at += taken) {
        taken = wt_endpoint_receive(to, out.p + at, out.n - at);
        wt_endpoint_taken(to, wt_endpoint_data(to).n);
        if (!taken)
            break;
    }
    wt_endpoint_sent(from, out.n);
    return true;
}

int main(int argc, char **argv)
{
    static struct said said[2];
    hold(argc == 2, "endpoint_seeds CORPUS");
    for (unsigned options = 0; options < 32; options++) {
        struct wt_endpoint *e[2];
        said[0].n = said[1].n = 0;
        for (unsigned side = 0; side < 2; side++) {
            e[side] = fuzz_endpoint(side, (uint8_t)options);
            (void)wt_endpoint_write(e[side], "hello", 5);
        }
        for (unsigned i = 0; i < 20; i++) {
            bool more = carry(e[0], e[1], &said[0]);
            more |= carry(e[1], e[0], &said[1]);
            if (!more && i < 18) {
                i = 18;
                (void)wt_endpoint_key_update(e[0], true);
                (void)wt_endpoint_write(e[0], "more", 4);
                wt_endpoint_end(e[0]);
                wt_endpoint_end(e[1]);
            }
        }
        for (unsigned side = 0; side < 2; side++) {
            struct wt_endpoint_info info;
            wt_endpoint_info(e[side], &info);
            hold(info.established, "a handshake failed");
            wt_endpoint_free(e[side]);
        }
        save(argv[1], "server", options, &said[0]);
        save(argv[1], "client", options, &said[1]);
    }
    return 0;
}

/* A client and a server that talk with each other, and somebody between them who changes what they send.
 *
 * The first two bytes choose their options. Then six bytes for each change: whose bytes (1 bit), which of its transfers
 * (5 bits), what is done (1 byte), where (2 bytes), with what (2 bytes). Whatever is done, neither side gets data that
 * the other has not sent. */
#include "endpoint_fixture.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { STEP = 6, MOST = 1 << 17 };
enum { FLIP, SET, INSERT, CUT, LOSE, TWICE, SWAP, CLOSE, KINDS };

static const char text[2][8] = {"GET /\n", "200 OK\n"};

struct bytes {
    uint8_t p[MOST];
    size_t n;
};

static void change(struct bytes *b, const uint8_t *step)
{
    size_t at = b->n ? (size_t)(step[2] << 8 | step[3]) % b->n : 0, n = step[4];
    switch (step[1] % KINDS) {
    case FLIP:
        if (b->n)
            b->p[at] ^= (uint8_t)(1u << (step[4] & 7));
        break;
    case SET:
        if (b->n)
            b->p[at] = step[5];
        break;
    case INSERT:
        if (b->n + n <= MOST) {
            memmove(b->p + at + n, b->p + at, b->n - at);
            memset(b->p + at, step[5], n);
            b->n += n;
        }
        break;
    case CUT:
        if (n > b->n - at)
            n = b->n - at;
        memmove(b->p + at, b->p + at + n, b->n - at - n);
        b->n -= n;
        break;
    case LOSE:
        b->n = 0;
        break;
    case TWICE:
        if (2 * b->n <= MOST) {
            memcpy(b->p + b->n, b->p, b->n);
            b->n *= 2;
        }
        break;
    case SWAP:
        if (at + 1 < b->n) {
            uint8_t byte = b->p[at];
            b->p[at] = b->p[at + 1];
            b->p[at + 1] = byte;
        }
        break;
    default:
        b->n = at;
        break;
    }
}

struct talk {
    struct wt_endpoint *e[2];
    const uint8_t *steps;
    size_t count;
    unsigned transfers[2];
    size_t got[2]; /* bytes of the other's text */
};

static void take(struct talk *t, unsigned side)
{
    struct wt_span data = wt_endpoint_data(t->e[side]);
    const char *whole = text[!side];
    for (size_t i = 0; i < data.n; i++) {
        hold(t->got[side] < strlen(whole) && data.p[i] == (uint8_t)whole[t->got[side]], "data that nobody sent");
        t->got[side]++;
    }
    wt_endpoint_taken(t->e[side], data.n);
}

static bool carry(struct talk *t, unsigned side)
{
    static struct bytes b;
    struct wt_span out = wt_endpoint_outgoing(t->e[side]);
    b.n = out.n < MOST ? out.n : MOST;
    if (b.n)
        memcpy(b.p, out.p, b.n);
    wt_endpoint_sent(t->e[side], b.n);
    for (size_t i = 0; i < t->count; i++) {
        const uint8_t *step = t->steps + STEP * i;
        if ((step[0] & 1) == side && (step[0] >> 1 & 31) == t->transfers[side])
            change(&b, step);
    }
    t->transfers[side]++;
    for (size_t at = 0; at < b.n;) {
        size_t taken = wt_endpoint_receive(t->e[!side], b.p + at, b.n - at);
        take(t, !side);
        if (!taken)
            break;
        at += taken;
    }
    fuzz_check(t->e[!side]);
    return out.n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct talk t = {.steps = data + 2, .count = (size - 2) / STEP};
    if (t.count > 64)
        t.count = 64;
    for (unsigned side = 0; side < 2; side++) {
        t.e[side] = fuzz_endpoint(side, data[side]);
        (void)wt_endpoint_write(t.e[side], text[side], strlen(text[side]));
        wt_endpoint_end(t.e[side]);
    }
    bool more = true;
    for (unsigned i = 0; more && i < 40; i++) {
        more = false;
        for (unsigned side = 0; side < 2; side++)
            more |= carry(&t, side);
    }
    for (unsigned side = 0; side < 2; side++) {
        struct wt_event event;
        while (wt_endpoint_next_event(t.e[side], &event))
            ;
        wt_endpoint_closed(t.e[side], true);
        take(&t, side);
        fuzz_check(t.e[side]);
        wt_endpoint_free(t.e[side]);
    }
    return 0;
}

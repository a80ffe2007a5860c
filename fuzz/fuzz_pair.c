/* A client and a server that talk with each other, and somebody between them who changes what they send.
 *
 * The first two bytes choose their options; with FUZZ_MORE in the first of them, more options of each follow. Then six
 * bytes for each step: whose bytes (1 bit), which of its transfers (5 bits), what is done (1 byte), where (2 bytes),
 * with what (2 bytes). A step changes what goes over the wire; or, with more options, that side does something before
 * its transfer: it asks for new keys, renegotiates, or says something, under its keys, that it should not (the bytes of
 * the steps after it). Whatever is done on the wire, neither side gets data that the other has not sent. */
#include "endpoint_fixture.h"

#include "endpoint/output.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { STEP = 6, MOST = 1 << 17, STEPS = 64, ROUNDS = 60, TEXT = 512 };
enum { FLIP, SET, INSERT, CUT, LOSE, TWICE, SWAP, CLOSE, KINDS };
enum { UPDATE = KINDS, ASK, AGAIN, WRITE, END, EXPORT, STOP, LATER, SAY, INSIDE, ALL_KINDS };

static const char text[2][8] = {"GET /\n", "200 OK\n"};

struct bytes {
    uint8_t p[MOST];
    size_t n;
};

static void change(struct bytes *b, unsigned kind, const uint8_t *step)
{
    size_t at = b->n ? (size_t)(step[2] << 8 | step[3]) % b->n : 0, n = step[4];
    switch (kind) {
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
    struct fuzz_choice c[2];
    const uint8_t *steps;
    size_t count;
    unsigned transfers[2], kinds;
    char wrote[2][TEXT]; /* what each side's application has written */
    size_t wrote_n[2];
    size_t got[2]; /* bytes of the other's */
    bool any_data; /* a peer that says what it should not may say data, too */
    int64_t now_ms;
};

static void write_text(struct talk *t, unsigned side, const char *what, size_t n)
{
    if (n > TEXT - t->wrote_n[side])
        n = TEXT - t->wrote_n[side];
    n = wt_endpoint_write(t->e[side], what, n);
    memcpy(t->wrote[side] + t->wrote_n[side], what, n);
    t->wrote_n[side] += n;
}

/* Early data that the server did not take are lost where the protocol is another one than the session's. */
static void skip_early(struct talk *t, unsigned side)
{
    struct wt_endpoint_info client, server;
    wt_endpoint_info(t->e[WT_CLIENT], &client);
    wt_endpoint_info(t->e[WT_SERVER], &server);
    if (side == WT_SERVER && !t->got[side] && !server.early_data_accepted && client.early_data_sent &&
        wt_endpoint_data(t->e[side]).p[0] != (uint8_t)t->wrote[WT_CLIENT][0])
        t->got[side] = client.early_data_sent;
}

static void take(struct talk *t, unsigned side)
{
    struct wt_span data = wt_endpoint_data(t->e[side]);
    if (data.n)
        skip_early(t, side);
    for (size_t i = 0; i < data.n && !t->any_data; i++) {
        hold(t->got[side] < t->wrote_n[!side] && (char)data.p[i] == t->wrote[!side][t->got[side]],
             "data that nobody sent");
        t->got[side]++;
    }
    wt_endpoint_taken(t->e[side], data.n);
}

/* --- what a side does --------------------------------------------------------------------------------------------- */

/* Under its keys, whatever comes of it: a peer that is who it should be, and does not do what it should. */
static void say(struct talk *t, unsigned side, size_t i)
{
    const uint8_t *step = t->steps + STEP * i;
    const size_t left = STEP * (t->count - i - 1), n = step[4] < left ? step[4] : left;
    struct wt_endpoint *e = t->e[side];
    if (!e->seal || e->failure.id || e->out.n - e->sent > MOST / 2)
        return;
    const uint8_t type = (uint8_t)(20 + step[3] % 4);
    t->any_data |= type == 23;
    (void)wt_endpoint_send(e, type, (struct wt_span){step + STEP, n});
}

/* Messages of its flight that have not gone out yet, because a question is open. */
static void change_flight(struct wt_endpoint *e, const uint8_t *step)
{
    const size_t at = e->flight.n ? (size_t)(step[2] << 8 | step[3]) % e->flight.n : 0;
    if (e->flight.n)
        e->flight.p[at] ^= (uint8_t)(step[4] ? step[4] : 1);
}

static void act(struct talk *t, unsigned side, size_t i)
{
    const uint8_t *step = t->steps + STEP * i;
    struct wt_endpoint *e = t->e[side];
    uint8_t out[32];
    switch (step[1] % t->kinds) {
    case UPDATE:
        (void)wt_endpoint_key_update(e, step[4] & 1);
        break;
    case ASK:
        (void)wt_endpoint_ask_certificate(e);
        break;
    case AGAIN:
        (void)wt_endpoint_renegotiate(e);
        break;
    case WRITE:
        write_text(t, side, "more, and more", step[4] % 15);
        break;
    case END:
        wt_endpoint_end(e);
        break;
    case EXPORT:
        (void)wt_endpoint_export(e, "EXPORTER-fuzz", (struct wt_span){step, step[4] % STEP}, out, step[5] % 33);
        (void)wt_endpoint_unique(e, out);
        break;
    case STOP:
        (void)wt_endpoint_abort(e, step[4]);
        break;
    case LATER:
        wt_endpoint_time(e, t->now_ms + (int64_t)(step[4] << 8 | step[5]) * 1000);
        break;
    case SAY:
        say(t, side, i);
        break;
    default:
        change_flight(e, step);
        break;
    }
}

/* Those of its next transfer; `actions`, or changes to `b`. */
static void follow(struct talk *t, unsigned side, struct bytes *b)
{
    for (size_t i = 0; i < t->count; i++) {
        const uint8_t *step = t->steps + STEP * i;
        const unsigned kind = step[1] % t->kinds;
        if ((step[0] & 1) == side && (step[0] >> 1 & 31) == t->transfers[side] && (kind < KINDS) == (b != NULL)) {
            if (b)
                change(b, kind, step);
            else
                act(t, side, i);
        }
        if (kind == SAY)
            i += (step[4] + STEP - 1u) / STEP; /* those are its bytes */
    }
}

static bool carry(struct talk *t, unsigned side)
{
    static struct bytes b;
    if (t->kinds > KINDS)
        follow(t, side, NULL);
    bool any = fuzz_answer(t->e[side], t->c[side]);
    if (!(t->c[side].answers & 1)) /* at once: all that the answer leads to */
        while (fuzz_answer(t->e[side], t->c[side]))
            ;
    struct wt_span out = wt_endpoint_outgoing(t->e[side]);
    b.n = out.n < MOST ? out.n : MOST;
    if (b.n)
        memcpy(b.p, out.p, b.n);
    any |= b.n;
    wt_endpoint_sent(t->e[side], b.n);
    follow(t, side, &b);
    t->transfers[side]++;
    for (size_t at = 0; at < b.n;) {
        size_t taken = wt_endpoint_receive(t->e[!side], b.p + at, b.n - at);
        take(t, !side);
        if (!taken && !fuzz_answer(t->e[!side], t->c[!side]))
            break;
        at += taken;
    }
    fuzz_check(t->e[!side]);
    return any;
}

/* --- one connection ----------------------------------------------------------------------------------------------- */

static void finish(struct talk *t)
{
    static uint8_t session[10240];
    struct wt_session_info info;
    for (unsigned side = 0; side < 2; side++) {
        struct wt_event event;
        while (wt_endpoint_next_event(t->e[side], &event))
            ;
        wt_endpoint_closed(t->e[side], true);
        take(t, side);
        fuzz_check(t->e[side]);
    }
    const size_t n = wt_endpoint_session(t->e[WT_CLIENT], session, sizeof session);
    hold(n <= sizeof session && (!n || wt_session_info((struct wt_span){session, n}, &info, NULL)), "a session");
    for (unsigned side = 0; side < 2; side++)
        wt_endpoint_free(t->e[side]);
}

static void connection(struct talk *t, struct wt_party *const *party)
{
    for (unsigned side = 0; side < 2; side++) {
        t->e[side] = fuzz_endpoint(party[side], side, t->c[side]);
        fuzz_watch(t->e[side], t->c[side]);
        write_text(t, side, text[side], strlen(text[side]));
        if (t->kinds == KINDS)
            wt_endpoint_end(t->e[side]);
    }
    bool more = true, ends = t->kinds == KINDS;
    for (unsigned i = 0; i < ROUNDS && (more || !ends); i++) {
        if (!more) {
            ends = true;
            for (unsigned side = 0; side < 2; side++)
                wt_endpoint_end(t->e[side]);
        }
        more = false;
        for (unsigned side = 0; side < 2; side++)
            more |= carry(t, side);
        more |= !ends && i < 31; /* steps of later transfers */
    }
    finish(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const bool more = size >= 2 && data[0] & FUZZ_MORE;
    const size_t head = more ? 2 + 2 * FUZZ_MORE_BYTES : 2;
    if (size < head)
        return 0;
    struct wt_party *party[2];
    struct talk t = {.steps = data + head, .count = (size - head) / STEP, .now_ms = FUZZ_NOW_MS};
    t.kinds = more ? ALL_KINDS : KINDS;
    if (t.count > STEPS)
        t.count = STEPS;
    for (unsigned side = 0; side < 2; side++) {
        t.c[side] = fuzz_choice_of(data[side], more ? data + 2 + side * FUZZ_MORE_BYTES : NULL);
        party[side] = fuzz_party(side, t.c[side]);
    }
    connection(&t, party);
    return 0;
}

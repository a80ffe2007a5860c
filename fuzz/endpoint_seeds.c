/* endpoint_seeds CORPUS: writes what client and server of endpoint_fixture.h send to each other, for each choice of
 * options, as CORPUS/server/NAME and CORPUS/client/NAME: with the same numbers the other side takes it for its peer's.
 * For more options than the first six, one input each; the fuzzer finds those that go together. CORPUS/pair/NAME: the
 * same options, and something that each side does. */
#include "endpoint_fixture.h"

#include <string.h>

enum { MOST = 1 << 16 };

struct said {
    uint8_t p[MOST];
    size_t n;
};

struct pair {
    const char *name;
    struct fuzz_choice c[2];
    struct wt_party *party[2];
    struct wt_endpoint *e[2];
};

/* What `side` is told. */
static void save(const char *folder, unsigned side, const struct pair *p, const struct said *said)
{
    const struct fuzz_choice *c = &p->c[side];
    char path[4096];
    snprintf(path, sizeof path, "%s/%s/%s", folder, side == WT_SERVER ? "server" : "client", p->name);
    FILE *file = fopen(path, "wb");
    hold(file, path);
    const uint8_t head[2 + FUZZ_MORE_BYTES] = {
        c->basic, 0, (uint8_t)c->more, (uint8_t)(c->more >> 8), (uint8_t)(c->more >> 16), c->sizes, c->answers};
    const size_t n = c->basic & FUZZ_MORE ? sizeof head : 2;
    hold(fwrite(head, 1, n, file) == n && fwrite(said->p, 1, said->n, file) == said->n && fclose(file) == 0, path);
}

/* For fuzz_pair: whose transfer, which, what it does then (fuzz_pair.c), where, how much, with what. */
static void save_pair(const char *folder, const struct pair *p, uint8_t basic, const uint8_t *more)
{
    static const uint8_t steps[][6] = {
        {4 << 1, 8, 0, 0, 1, 0},        /* client: new keys */
        {4 << 1 | 1, 9, 0, 0, 0, 0},    /* server: asks for a certificate */
        {7 << 1, 10, 0, 0, 0, 0},       /* client: another handshake */
        {10 << 1 | 1, 10, 0, 0, 0, 0},  /* server: the same */
        {12 << 1, 11, 0, 0, 12, 0},     /* client: data */
        {12 << 1 | 1, 13, 0, 0, 6, 32}, /* server: keying material */
        {13 << 1 | 1, 15, 0, 0, 0, 1},  /* server: time goes on */
        {14 << 1 | 1, 16, 0, 2, 5, 0},  /* server: says a KeyUpdate */
        {24, 0, 0, 1, 1, 0},
        {15 << 1, 16, 0, 1, 2, 0}, /* client: says a warning */
        {1, 90, 0, 0, 0, 0},
    };
    char path[4096];
    snprintf(path, sizeof path, "%s/pair/%s", folder, p->name);
    FILE *file = fopen(path, "wb");
    hold(file, path);
    const uint8_t head[2] = {basic | FUZZ_MORE, basic};
    hold(fwrite(head, 1, 2, file) == 2 && fwrite(more, 1, FUZZ_MORE_BYTES, file) == FUZZ_MORE_BYTES &&
             fwrite(more, 1, FUZZ_MORE_BYTES, file) == FUZZ_MORE_BYTES &&
             fwrite(steps, 1, sizeof steps, file) == sizeof steps && fclose(file) == 0,
         path);
}

static void answer(struct pair *p, unsigned side)
{
    while (fuzz_answer(p->e[side], p->c[side]))
        ;
}

static bool carry(struct pair *p, unsigned side, struct said *said)
{
    answer(p, side);
    struct wt_endpoint *to = p->e[!side];
    struct wt_span out = wt_endpoint_outgoing(p->e[side]);
    if (!out.n)
        return false;
    hold(said->n + out.n <= MOST, "too much was said");
    memcpy(said->p + said->n, out.p, out.n);
    said->n += out.n;
    for (size_t at = 0, taken; at < out.n; at += taken) {
        taken = wt_endpoint_receive(to, out.p + at, out.n - at);
        wt_endpoint_taken(to, wt_endpoint_data(to).n);
        answer(p, !side);
        if (!taken && !wt_endpoint_wants(to))
            break;
        if (wt_endpoint_wants(to) & WT_ENDED)
            break;
    }
    wt_endpoint_sent(p->e[side], out.n);
    return true;
}

/* What both do once neither has anything to say: the one after the other. */
static void go_on(struct pair *p, unsigned what)
{
    switch (what) {
    case 0:
        (void)wt_endpoint_key_update(p->e[WT_CLIENT], true);
        (void)wt_endpoint_write(p->e[WT_CLIENT], "more", 4);
        break;
    case 1:
        (void)wt_endpoint_ask_certificate(p->e[WT_SERVER]);
        (void)wt_endpoint_renegotiate(p->e[WT_CLIENT]);
        break;
    case 2:
        (void)wt_endpoint_renegotiate(p->e[WT_SERVER]);
        (void)wt_endpoint_write(p->e[WT_SERVER], "more", 4);
        break;
    default:
        wt_endpoint_end(p->e[WT_CLIENT]);
        wt_endpoint_end(p->e[WT_SERVER]);
        break;
    }
}

static void talk(const char *folder, struct pair *p, bool comes_up)
{
    static struct said said[2];
    said[0].n = said[1].n = 0;
    for (unsigned side = 0; side < 2; side++) {
        p->party[side] = fuzz_party(side, p->c[side]);
        p->e[side] = fuzz_endpoint(p->party[side], side, p->c[side]);
        (void)wt_endpoint_write(p->e[side], "hello", 5);
    }
    const bool more = p->c[WT_CLIENT].basic & FUZZ_MORE;
    for (unsigned what = more ? 0 : 2; what < 5; what++) {
        bool any = true;
        for (unsigned i = 0; i < 20 && any; i++) {
            any = carry(p, WT_CLIENT, &said[WT_CLIENT]);
            any |= carry(p, WT_SERVER, &said[WT_SERVER]);
        }
        go_on(p, more ? what : what == 2 ? 0 : 3);
    }
    for (unsigned side = 0; side < 2; side++) {
        struct wt_endpoint_info info;
        wt_endpoint_info(p->e[side], &info);
        hold(!comes_up || info.established, p->name);
        wt_endpoint_free(p->e[side]);
        save(folder, !side, p, &said[side]);
    }
}

/* One choice for both sides. */
static void talk_with(const char *folder, const char *name, uint8_t basic, uint32_t more, uint8_t sizes,
                      uint8_t answers)
{
    struct pair p = {.name = name};
    const uint8_t bytes[FUZZ_MORE_BYTES] = {(uint8_t)more, (uint8_t)(more >> 8), (uint8_t)(more >> 16), sizes, answers};
    for (unsigned side = 0; side < 2; side++)
        p.c[side] = fuzz_choice_of(basic, bytes);
    talk(folder, &p, answers < 2);
    save_pair(folder, &p, basic, bytes);
}

static void talk_with_more(const char *folder)
{
    static const struct {
        const char *name;
        uint32_t more;
        uint8_t basic, sizes, answers;
    } rows[] = {
        {"psk", FUZZ_PSK, 0, 0, 0},
        {"psk-asked", FUZZ_PSK | FUZZ_ASK_PSK, 0, 0, 0},
        {"psk-asked-late", FUZZ_PSK | FUZZ_ASK_PSK | FUZZ_WATCHED, 16, 0, 1},
        {"psk-unknown", FUZZ_PSK | FUZZ_ASK_PSK | FUZZ_PSK_ALONE, 0, 0, 2},
        {"psk-other", FUZZ_PSK | FUZZ_ASK_PSK, 0, 0, 4},
        {"psk-ke", FUZZ_PSK | FUZZ_PSK_KE | FUZZ_PSK_ALONE, 0, 0, 0},
        {"psk-12", FUZZ_PSK | FUZZ_ASK_PSK, 1, 0, 0},
        {"session", FUZZ_SESSION | FUZZ_WATCHED, 0, 0, 0},
        {"session-ke", FUZZ_SESSION | FUZZ_PSK_KE, 0, 0, 0},
        {"session-12", FUZZ_SESSION | FUZZ_ASKS, 1, 0, 0},
        {"session-refused", FUZZ_SESSION | FUZZ_ASKS, 0, 0, 2},
        {"early", FUZZ_SESSION | FUZZ_EARLY, 0, 0, 0},
        {"early-alpn", FUZZ_SESSION | FUZZ_EARLY | FUZZ_ASKS, 8, 0, 0},
        {"early-retry", FUZZ_SESSION | FUZZ_EARLY | FUZZ_COOKIE, 16, 0, 0},
        {"later", FUZZ_LATER, 0, 0, 0},
        {"later-asked", FUZZ_LATER | FUZZ_ASKS | FUZZ_ELSEWHERE, 0, 0, 0},
        {"again", FUZZ_LATER, 1, 0, 0},
        {"again-cbc", FUZZ_LATER | FUZZ_CBC, 5, 0, 0},
        {"records", FUZZ_RECORDS, 0, 0xff, 0},
        {"records-12", FUZZ_RECORDS, 1, 0x5f, 0},
        {"fragments", FUZZ_RECORDS, 0, 0xfa, 0},
        {"asks", FUZZ_ASKS | FUZZ_ELSEWHERE, 12, 0, 1},
        {"asks-12", FUZZ_ASKS | FUZZ_ELSEWHERE, 13, 0, 1},
        {"asks-none", FUZZ_ASKS, 12, 0, 2},
        {"grease", FUZZ_GREASE | FUZZ_NAMES, 8, 0, 0},
        {"fallback", FUZZ_FALLBACK, 1, 0, 2},
        {"cookie", FUZZ_COOKIE, 0, 0, 0},
        {"inflates", FUZZ_INFLATES, 4, 0, 0},
        {"staple", FUZZ_STAPLE, 0x20, 0, 0},
        {"staple-12", FUZZ_STAPLE, 0x21, 0, 0},
        {"flat", FUZZ_FLAT, 0, 0, 0},
        {"cbc", FUZZ_CBC, 1, 0, 0},
        {"cbc-flat", FUZZ_CBC | FUZZ_FLAT | FUZZ_ONCE, 1, 0, 0},
        {"dhe", FUZZ_RSA | FUZZ_NAMES, 0x21, 0, 0},
        {"required", FUZZ_REQUIRED, 12, 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        talk_with(folder, rows[i].name, rows[i].basic, rows[i].more, rows[i].sizes, rows[i].answers);
}

int main(int argc, char **argv)
{
    hold(argc == 2, "endpoint_seeds CORPUS");
    for (unsigned options = 0; options < 32; options++) {
        char name[32];
        struct pair p = {.name = name};
        snprintf(name, sizeof name, "handshake-%02x", options);
        for (unsigned side = 0; side < 2; side++)
            p.c[side] = fuzz_choice_of((uint8_t)options, NULL);
        talk(argv[1], &p, true);
    }
    talk_with_more(argv[1]);
    return 0;
}

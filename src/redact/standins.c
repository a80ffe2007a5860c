#include "redact/standins.h"

#include "base/memory.h"
#include "crypto/mac.h"
#include "registry/limits.h"

#include <stdlib.h>
#include <sys/random.h>

enum { KEY = 32, MARK = 16, SLOTS_FIRST = 1024, START = 946684800 /* 2000-01-01T00:00:00Z */ };

struct slot {
    uint8_t mark[MARK]; /* the head of the original's MAC */
    uint32_t number;    /* 0: free */
};

struct wt_standins {
    struct wt_mac *mac;
    struct slot *slots; /* 2^n, at most half of them in use */
    size_t slot_count, used;
    uint32_t last[WT_STANDIN_KINDS];
    bool started;
    int64_t start_ns;
};

struct wt_standins *wt_standins_new(struct wt_crypto *crypto)
{
    uint8_t key[KEY];
    struct wt_standins *s = wt_calloc(1, sizeof *s);
    if (!s)
        return NULL;
    if (getrandom(key, sizeof key, 0) == (ssize_t)sizeof key)
        s->mac = wt_mac_new(crypto, WT_HASH_SHA256, wt_span_of(key, sizeof key));
    wt_wipe(key, sizeof key);
    s->slot_count = SLOTS_FIRST;
    s->slots = wt_calloc(s->slot_count, sizeof *s->slots);
    if (s->mac && s->slots)
        return s;
    wt_standins_free(s);
    return NULL;
}

void wt_standins_free(struct wt_standins *s)
{
    if (!s)
        return;
    if (s->mac)
        wt_mac_free(s->mac);
    free(s->slots);
    free(s);
}

/* Never without a result: what cannot be computed is zeros, and no original. */
static void mark_of(struct wt_standins *s, uint8_t purpose, struct wt_span original, uint8_t out[WT_DIGEST_MOST])
{
    const struct wt_span parts[] = {wt_span_of(&purpose, 1), original};
    if (!wt_mac_compute(s->mac, parts, 2, out))
        memset(out, 0, WT_DIGEST_MOST);
}

enum { FOR_BYTES = 'b', FOR_BLOCK = 'k', FOR_SHIFT = 's', FOR_NUMBER = 'n' };

static bool is_zero(struct wt_span in)
{
    for (size_t i = 0; i < in.n; i++)
        if (in.p[i])
            return false;
    return true;
}

void wt_standin_bytes(struct wt_standins *s, struct wt_span in, uint8_t *out)
{
    uint8_t seed[WT_DIGEST_MOST + 4], block[WT_DIGEST_MOST];
    if (is_zero(in)) {
        if (in.n)
            memset(out, 0, in.n);
        return;
    }
    mark_of(s, FOR_BYTES, in, seed);
    for (size_t at = 0, i = 0; at < in.n; at += 32, i++) {
        const uint8_t count[4] = {(uint8_t)(i >> 24), (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i};
        memcpy(seed + 32, count, sizeof count);
        mark_of(s, FOR_BLOCK, wt_span_of(seed, 36), block);
        memcpy(out + at, block, in.n - at < 32 ? in.n - at : 32);
    }
    wt_standin_differ(in, out);
}

void wt_standin_differ(struct wt_span in, uint8_t *out)
{
    if (in.n && memcmp(out, in.p, in.n) == 0)
        out[in.n - 1] ^= 1;
}

/* --- numbers ------------------------------------------------------------------------------------------------------ */

static struct slot *find(struct slot *slots, size_t count, const uint8_t mark[MARK])
{
    for (size_t i = wt_get32(mark) & (count - 1);; i = (i + 1) & (count - 1))
        if (!slots[i].number || memcmp(slots[i].mark, mark, MARK) == 0)
            return &slots[i];
}

static bool grow(struct wt_standins *s)
{
    size_t count = s->slot_count * 2;
    struct slot *slots = wt_calloc(count, sizeof *slots);
    if (!slots)
        return false;
    for (size_t i = 0; i < s->slot_count; i++)
        if (s->slots[i].number)
            *find(slots, count, s->slots[i].mark) = s->slots[i];
    free(s->slots);
    s->slots = slots;
    s->slot_count = count;
    return true;
}

uint64_t wt_standin_number(struct wt_standins *s, enum wt_standin_kind kind, struct wt_span original)
{
    uint8_t mark[WT_DIGEST_MOST];
    mark_of(s, (uint8_t)(FOR_NUMBER + kind), original, mark);
    struct slot *slot = find(s->slots, s->slot_count, mark);
    if (slot->number)
        return slot->number;
    if (s->used >= WT_LIMIT_STANDINS || (s->used >= s->slot_count / 2 && !grow(s)))
        return 1ull << 40 | (uint64_t)mark[MARK] << 32 | wt_get32(mark + MARK + 1);
    slot = find(s->slots, s->slot_count, mark);
    memcpy(slot->mark, mark, MARK);
    slot->number = ++s->last[kind];
    s->used++;
    return slot->number;
}

bool wt_standin_is_known(struct wt_standins *s, enum wt_standin_kind kind, struct wt_span original)
{
    uint8_t mark[WT_DIGEST_MOST];
    mark_of(s, (uint8_t)(FOR_NUMBER + kind), original, mark);
    return find(s->slots, s->slot_count, mark)->number != 0;
}

/* --- addresses ---------------------------------------------------------------------------------------------------- */

static void put32(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 24);
    p[1] = (uint8_t)(v >> 16);
    p[2] = (uint8_t)(v >> 8);
    p[3] = (uint8_t)v;
}

void wt_standin_ipv4(struct wt_standins *s, const uint8_t in[4], uint8_t out[4])
{
    const uint32_t address = wt_get32(in);
    /* RFC 1122, 3.2.1.3: this host, loopback, limited broadcast; RFC 1112, 4: groups */
    if (address == 0 || in[0] == 127 || in[0] >> 4 == 14 || address == 0xffffffff) {
        put32(out, address);
        return;
    }
    const uint64_t n = wt_standin_number(s, WT_STANDIN_IPV4, wt_span_of(in, 4));
    const uint32_t made = n < 1u << 17 ? 0xc6120000u + (uint32_t)n : 0xf0000000u | (uint32_t)(n & 0x0ffffffe);
    put32(out, made != address ? made : 0xf0000000u | (uint32_t)(n & 0x0ffffffe)); /* a laboratory's own */
}

void wt_standin_address(struct wt_standins *s, const uint8_t in[16], uint8_t out[16])
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    static const uint8_t loopback[16] = {[15] = 1};
    if (memcmp(in, mapped, sizeof mapped) == 0) {
        wt_standin_ipv4(s, in + 12, out + 12);
        memcpy(out, mapped, sizeof mapped);
        return;
    }
    /* RFC 4291, 2.5.2, 2.5.3 and 2.7 */
    if (is_zero(wt_span_of(in, 16)) || memcmp(in, loopback, 16) == 0 || in[0] == 0xff) {
        memmove(out, in, 16);
        return;
    }
    const uint64_t n = wt_standin_number(s, WT_STANDIN_IPV6, wt_span_of(in, 16));
    uint8_t made[16] = {0x3f, 0xff};
    put32(made + 8, (uint32_t)(n >> 32));
    put32(made + 12, (uint32_t)n);
    if (memcmp(made, in, sizeof made) == 0)
        made[2] = 1;
    memcpy(out, made, sizeof made);
}

void wt_standin_mac(struct wt_standins *s, const uint8_t in[6], uint8_t out[6])
{
    if (in[0] & 1 || is_zero(wt_span_of(in, 6))) {
        memmove(out, in, 6);
        return;
    }
    const uint64_t n = wt_standin_number(s, WT_STANDIN_MAC, wt_span_of(in, 6));
    uint8_t made[6] = {0x0a, (uint8_t)(n >> 32)};
    put32(made + 2, (uint32_t)n);
    if (memcmp(made, in, sizeof made) == 0)
        made[0] = 0x0e;
    memcpy(out, made, sizeof made);
}

/* Where TLS comes after an upgrade in plaintext, or through a proxy. */
static bool is_upgraded(uint16_t port)
{
    static const uint16_t ports[] = {1080, 1433, 3128, 3306, 3389, 4190, 5222, 5269, 5432, 8080};
    for (size_t i = 0; i < sizeof ports / sizeof *ports; i++)
        if (ports[i] == port)
            return true;
    return false;
}

uint16_t wt_standin_port(struct wt_standins *s, uint16_t port)
{
    const uint8_t bytes[2] = {(uint8_t)(port >> 8), (uint8_t)port};
    if (wt_port_service(port) || is_upgraded(port) || port < 1024)
        return port;
    const uint64_t n = wt_standin_number(s, WT_STANDIN_PORT, wt_span_of(bytes, 2));
    const uint16_t made = (uint16_t)(49152 + n % 16384);
    return made != port ? made : (uint16_t)(49152 + (n + 8192) % 16384);
}

uint32_t wt_standin_shift(struct wt_standins *s, struct wt_span original)
{
    uint8_t mark[WT_DIGEST_MOST];
    mark_of(s, FOR_SHIFT, original, mark);
    return wt_get32(mark);
}

/* --- times -------------------------------------------------------------------------------------------------------- */

static const int64_t second = 1000000000;

void wt_standins_start(struct wt_standins *s, int64_t start_ns)
{
    if (!s->started)
        s->start_ns = start_ns;
    s->started = true;
}

int64_t wt_standin_time(const struct wt_standins *s, int64_t ns)
{
    int64_t out;
    if (!ns || !s->started)
        return ns;
    if (__builtin_sub_overflow(ns, s->start_ns, &out) || __builtin_add_overflow(out, START * second, &out))
        return ns < 0 ? INT64_MIN : INT64_MAX;
    return out;
}

int64_t wt_standin_date(const struct wt_standins *s, int64_t seconds)
{
    const int64_t most = INT64_C(400000000000); /* some twelve thousand years: no date of ASN.1 is beyond */
    int64_t unit = 1;
    if (!seconds || !s->started)
        return seconds;
    seconds = seconds > most ? most : seconds < -most ? -most : seconds;
    const int64_t distance = seconds - s->start_ns / second;
    while (distance / unit >= 100 || distance / unit <= -100)
        unit *= 10;
    return START + distance / unit * unit;
}

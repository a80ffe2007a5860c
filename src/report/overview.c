/* Collects the overview. A connection costs a few look-ups by numbers; names are copied once for each row. */
#include "report/overview.h"

#include "base/memory.h"
#include "base/span_hash.h"
#include "registry/limits.h"
#include "story/cause.h"

#include <stdlib.h>

#define NAME_BYTES 255u /* of a name in DNS: RFC 1035, 2.3.4 */
#define SUBJECT_BYTES 200u
#define FIRST_SLOTS 64u
#define PROBES 64u /* slots that are looked at: names from the wire may be chosen to collide */

/* --- tallies ------------------------------------------------------------------------------------------------------ */

static uint64_t mix(uint64_t x)
{
    x ^= x >> 32;
    x *= 0xd6e8feb86659fd93u;
    x ^= x >> 32;
    x *= 0xd6e8feb86659fd93u;
    return x ^ (x >> 32);
}

static bool same(const struct wt_tally_row *row, uint64_t key, struct wt_span identity)
{
    return row->key == key && row->identity.n == identity.n &&
           (identity.n == 0 || memcmp(row->identity.p, identity.p, identity.n) == 0);
}

/* The slot of a key: its own, or the free one where it belongs; NULL when it has none within reach. */
static uint32_t *slot_of(const struct wt_tally *t, uint64_t key, struct wt_span identity)
{
    uint64_t h = mix(key);
    for (uint32_t i = 0; t->slots && i < PROBES; i++) {
        uint32_t *slot = &t->slots[(h + i) & t->mask];
        if (*slot == 0 || same(&t->rows[*slot - 1], key, identity))
            return slot;
    }
    return NULL;
}

/* Twice the room, at most half of it used. */
static bool grow(struct wt_tally *t)
{
    struct wt_tally bigger = *t;
    uint32_t slots = t->slots ? 2 * (t->mask + 1) : FIRST_SLOTS;
    struct wt_tally_row *rows = wt_realloc(t->rows, slots / 2 * sizeof *rows);
    if (!rows)
        return false;
    t->rows = bigger.rows = rows;
    bigger.slots = wt_calloc(slots, sizeof *bigger.slots);
    if (!bigger.slots)
        return false;
    bigger.mask = slots - 1;
    bigger.capacity = slots / 2;
    for (uint32_t i = 0; i < t->count; i++) {
        uint32_t *slot = slot_of(&bigger, rows[i].key, rows[i].identity);
        if (slot)
            *slot = i + 1; /* else it is never found again; its count stands */
    }
    free(t->slots);
    *t = bigger;
    return true;
}

/* The row of a key. A new one has no `what` yet. NULL when there is no more place. */
static struct wt_tally_row *row_of(struct wt_tally *t, struct wt_arena *arena, uint64_t key, struct wt_span identity)
{
    uint32_t *slot = slot_of(t, key, identity);
    if (slot && *slot)
        return &t->rows[*slot - 1];
    if (t->count >= t->limit || (t->count == t->capacity && !grow(t)))
        return NULL;
    slot = slot_of(t, key, identity);
    if (!slot)
        return NULL;
    struct wt_span kept = identity.n ? wt_arena_copy(arena, identity) : identity;
    if (identity.n && !kept.p)
        return NULL;
    *slot = ++t->count;
    t->rows[t->count - 1] = (struct wt_tally_row){.key = key, .identity = kept};
    return &t->rows[t->count - 1];
}

/* Whether the connection came before the one that the row names. */
static bool comes_before(const struct wt_overview *o, const struct wt_connection *c, const struct wt_tally_row *row)
{
    return o->files == row->file_number && c->stream < row->stream;
}

static void count(struct wt_overview *o, struct wt_tally *t, struct wt_tally_row *row, const struct wt_connection *c)
{
    const uint32_t rank = o->rank++;
    if (!row) {
        t->untold[c->state]++;
        return;
    }
    if (row->last == o->told)
        return; /* a finding may stand in a connection more than once */
    if (row->last == 0 || comes_before(o, c, row)) {
        row->file = o->file;
        row->file_number = o->files;
        row->stream = c->stream;
        row->rank = rank;
    }
    row->last = o->told;
    row->count[c->state]++;
}

static void count_number(struct wt_overview *o, struct wt_tally *t, uint64_t number, const struct wt_connection *c)
{
    count(o, t, row_of(t, &o->arena, number, (struct wt_span){NULL, 0}), c);
}

/* --- what is counted ---------------------------------------------------------------------------------------------- */

static const char *text_kept(struct wt_overview *o, const char *text, size_t most)
{
    struct wt_span s = wt_span_text(text);
    if (s.n > most) {
        s.n = most;
        while (s.n && (s.p[s.n] & 0xc0) == 0x80)
            s.n--; /* not within a character */
    }
    return (const char *)wt_arena_copy(&o->arena, s).p;
}

/* The finding that is the root cause; without one, what the wire showed last. */
static struct wt_overview_cause cause_of(const struct wt_connection *c)
{
    const struct wt_finding *f = wt_story_cause(c);
    if (f)
        return (struct wt_overview_cause){WT_WHY_FINDING, 0, f->id};
    for (size_t i = c->alert_count; i--;)
        if (c->alerts[i].readable)
            return (struct wt_overview_cause){WT_WHY_ALERT, c->alerts[i].description, NULL};
    return (struct wt_overview_cause){c->reset ? WT_WHY_RESET : WT_WHY_CLOSED, 0, NULL};
}

static void add_cause(struct wt_overview *o, const struct wt_connection *c)
{
    struct wt_overview_cause cause = cause_of(c);
    struct wt_overview_cause *kept;
    if (c->state != WT_FAILED && cause.why != WT_WHY_FINDING)
        return;
    struct wt_span id = wt_span_text(cause.id ? cause.id : "");
    uint64_t key = cause.id ? wt_span_hash(id) : (uint64_t)cause.why << 8 | cause.alert;
    struct wt_tally_row *row = row_of(&o->causes, &o->arena, key, id);
    if (row && !row->what && (kept = wt_arena_alloc(&o->arena, sizeof *kept))) {
        *kept = cause;
        kept->id = cause.id ? (const char *)row->identity.p : NULL;
        row->what = kept;
    }
    count(o, &o->causes, row, c);
}

static void add_findings(struct wt_overview *o, const struct wt_connection *c)
{
    for (size_t i = 0; i < c->finding_count; i++) {
        const struct wt_finding *f = &c->findings[i];
        struct wt_overview_finding *kept;
        struct wt_span id = wt_span_text(f->id ? f->id : "");
        struct wt_tally_row *row = row_of(&o->findings, &o->arena, wt_span_hash(id) + f->severity, id);
        if (row && !row->what && (kept = wt_arena_alloc(&o->arena, sizeof *kept))) {
            *kept = (struct wt_overview_finding){(const char *)row->identity.p, f->severity};
            row->what = kept;
        }
        count(o, &o->findings, row, c);
    }
}

/* Names in DNS have no case (RFC 1035, 2.3.3). */
static uint8_t lower(uint8_t b)
{
    return b >= 'A' && b <= 'Z' ? (uint8_t)(b + ('a' - 'A')) : b;
}

static void add_server(struct wt_overview *o, const struct wt_connection *c)
{
    uint8_t identity[18 + NAME_BYTES];
    size_t n = c->sni.n < NAME_BYTES ? c->sni.n : NAME_BYTES;
    struct wt_overview_server *kept;
    memcpy(identity, c->server.ip, 16);
    identity[16] = (uint8_t)(c->server.port >> 8);
    identity[17] = (uint8_t)c->server.port;
    for (size_t i = 0; i < n; i++)
        identity[18 + i] = lower(c->sni.p[i]);
    struct wt_span key = wt_span_of(identity, 18 + n);
    struct wt_tally_row *row = row_of(&o->servers, &o->arena, wt_span_hash(key), key);
    if (row && !row->what && (kept = wt_arena_alloc(&o->arena, sizeof *kept))) {
        *kept = (struct wt_overview_server){c->server, wt_span_of(row->identity.p + 18, n)};
        row->what = kept;
    }
    count(o, &o->servers, row, c);
}

/* The leaf: the one that the server is renewed by. */
static void add_certificate(struct wt_overview *o, const struct wt_connection *c)
{
    if (c->certificate_count[WT_SERVER] == 0 || !c->certificates[WT_SERVER][0]->parsed)
        return;
    const struct wt_certificate_facts *f = c->certificates[WT_SERVER][0];
    struct wt_span digest = wt_span_of(f->sha256, sizeof f->sha256);
    uint64_t key;
    memcpy(&key, f->sha256, sizeof key);
    struct wt_tally_row *row = row_of(&o->certificates, &o->arena, key, digest);
    struct wt_overview_certificate *kept = row ? (struct wt_overview_certificate *)(uintptr_t)row->what : NULL;
    if (row && !kept && (kept = wt_arena_alloc(&o->arena, sizeof *kept))) {
        const char *name = f->common_name ? f->common_name : f->san_count ? f->san[0] : NULL;
        kept->subject = text_kept(o, f->subject ? f->subject : "", SUBJECT_BYTES);
        kept->name = name ? text_kept(o, name, SUBJECT_BYTES) : NULL;
        kept->not_after = f->not_after;
        kept->seen = c->start.ns / 1000000000;
        row->what = kept = kept->subject && (!name || kept->name) ? kept : NULL;
    }
    if (kept && c->start.ns / 1000000000 > kept->seen)
        kept->seen = c->start.ns / 1000000000;
    count(o, &o->certificates, row, c);
}

/* The name is copied when another file begins; `file` points to the copy. By its hash it is known without one, too. */
static void remember_file(struct wt_overview *o, const struct wt_connection *c)
{
    const uint64_t hash = c->file ? wt_span_hash(wt_span_text(c->file)) : 0;
    if (!c->file || (o->files && o->file_hash == hash))
        return;
    o->file = (const char *)wt_arena_copy(&o->arena, wt_span_text(c->file)).p;
    o->file_hash = hash;
    o->files++;
}

void wt_overview_add(struct wt_overview *o, const struct wt_connection *c)
{
    if (c->counted_elsewhere)
        return;
    o->told++;
    o->rank = 0;
    o->count[c->state]++;
    o->failed_later += wt_story_failed_later(c);
    remember_file(o, c);
    add_cause(o, c);
    add_server(o, c);
    if (c->version)
        count_number(o, &o->versions, c->version, c);
    if (c->has_suite)
        count_number(o, &o->suites, c->cipher_suite, c);
    if (c->group)
        count_number(o, &o->groups, c->group, c);
    add_findings(o, c);
    add_certificate(o, c);
}

/* --- orders ------------------------------------------------------------------------------------------------------- */

static int order(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static const struct wt_tally_row *row_at(const void *p)
{
    return *(const struct wt_tally_row *const *)p;
}

/* Among equals the one that came first, by file, stream and place in the connection. */
static int by_place(const void *a, const void *b)
{
    const struct wt_tally_row *x = row_at(a), *y = row_at(b);
    int d = order(x->file_number, y->file_number);
    d = d ? d : order(x->stream, y->stream);
    d = d ? d : order(x->rank, y->rank);
    return d ? d : order((uint64_t)(uintptr_t)x, (uint64_t)(uintptr_t)y);
}

int wt_tally_by_count(const void *a, const void *b)
{
    int d = order(wt_tally_sum(row_at(b)->count), wt_tally_sum(row_at(a)->count));
    return d ? d : by_place(a, b);
}

int wt_tally_by_failed(const void *a, const void *b)
{
    int d = order(row_at(b)->count[WT_FAILED], row_at(a)->count[WT_FAILED]);
    return d ? d : wt_tally_by_count(a, b);
}

int wt_tally_by_severity(const void *a, const void *b)
{
    const struct wt_overview_finding *x = row_at(a)->what, *y = row_at(b)->what;
    int d = x && y ? order(y->severity, x->severity) : !x - !y;
    return d ? d : wt_tally_by_count(a, b);
}

int wt_tally_by_days(const void *a, const void *b)
{
    const struct wt_overview_certificate *x = row_at(a)->what, *y = row_at(b)->what;
    int d = x && y ? (x->not_after > y->not_after) - (x->not_after < y->not_after) : !x - !y;
    return d ? d : by_place(a, b);
}

const struct wt_tally_row **wt_tally_sorted(const struct wt_tally *t, wt_tally_order *by)
{
    const struct wt_tally_row **list = t->count ? wt_malloc(t->count * sizeof(void *)) : NULL;
    if (!list)
        return NULL;
    for (uint32_t i = 0; i < t->count; i++)
        list[i] = &t->rows[i];
    qsort(list, t->count, sizeof(void *), by);
    return list;
}

int64_t wt_overview_days(const struct wt_overview *o, const struct wt_overview_certificate *c)
{
    int64_t left = c->not_after - (o->has_at ? o->at : c->seen);
    return left >= 0 ? left / 86400 : -((-left + 86399) / 86400);
}

/* --- its life ----------------------------------------------------------------------------------------------------- */

struct wt_overview *wt_overview_new(void)
{
    struct wt_overview *o = wt_calloc(1, sizeof *o);
    if (!o)
        return NULL;
    o->arena.limit = WT_LIMIT_OVERVIEW_BYTES;
    o->servers.limit = o->certificates.limit = WT_LIMIT_OVERVIEW_ROWS;
    o->causes.limit = o->findings.limit = WT_LIMIT_OVERVIEW_KINDS;
    o->versions.limit = o->suites.limit = o->groups.limit = WT_LIMIT_OVERVIEW_KINDS;
    return o;
}

void wt_overview_at(struct wt_overview *o, int64_t seconds)
{
    o->has_at = true;
    o->at = seconds;
}

static void drop(struct wt_tally *t)
{
    free(t->rows);
    free(t->slots);
}

void wt_overview_free(struct wt_overview *o)
{
    if (!o)
        return;
    drop(&o->causes);
    drop(&o->servers);
    drop(&o->versions);
    drop(&o->suites);
    drop(&o->groups);
    drop(&o->findings);
    drop(&o->certificates);
    wt_arena_free(&o->arena);
    free(o);
}

/* Judgements of chains, remembered as long as there is room: whoever meets a chain again need not verify it again. */
#include "certificate/judgements.h"

#include "base/array.h"
#include "base/memory.h"
#include "certificate/chain_names.h"
#include "certificate/ocsp.h"

#include <openssl/err.h>
#include <stdlib.h>

/* --- the life of one ---------------------------------------------------------------------------------------------- */

const struct wt_certificate_facts *wt_judgement_hold(struct wt_judgement *v, const struct wt_certificate_facts *f)
{
    for (size_t i = 0; i < v->held_count; i++)
        if (v->held[i] == f)
            return f;
    const size_t size = sizeof *v->held; /* NOLINT(bugprone-sizeof-expression): pointers */
    if (!wt_array_grow(&v->held, v->held_count, &v->held_room, size, 4))
        return NULL;
    v->held[v->held_count++] = wt_certificates_keep(f);
    return f;
}

static void free_judgement(struct wt_judgement *v)
{
    for (size_t i = 0; i < v->held_count; i++)
        wt_certificates_release(v->held[i]);
    free(v->held);
    free((void *)(uintptr_t)v->path);
    free((void *)(uintptr_t)v->sent);
    wt_ocsp_free(v->staple);
    free(v);
}

static struct wt_judgement *make(struct wt_judge *j, unsigned side, const struct wt_certificate_facts *const *sent,
                                 size_t count)
{
    struct wt_judgement *v = wt_calloc(1, sizeof *v);
    const struct wt_certificate_facts **kept = v ? wt_malloc(count * sizeof(struct wt_certificate_facts *)) : NULL;
    bool ok = kept;
    if (v) {
        v->judge = j;
        v->side = (uint8_t)side;
        v->sent = kept;
        v->from = INT64_MIN;
        v->until = INT64_MAX;
    }
    for (size_t i = 0; ok && i < count; i++) {
        kept[v->sent_count++] = sent[i];
        ok = wt_judgement_hold(v, sent[i]);
    }
    if (ok) {
        v->inspector = wt_chain_names_inspector(v);
        return v;
    }
    if (v)
        free_judgement(v);
    return NULL;
}

/* --- those that are remembered: a table, and by use --------------------------------------------------------------- */

static struct wt_judgement **slot_of(struct wt_judge *j, uint64_t hash)
{
    return &j->slots[hash >> 52 & (WT_JUDGE_SLOTS - 1)];
}

static void take_out(struct wt_judge *j, struct wt_judgement *v)
{
    *(v->older ? &v->older->newer : &j->oldest) = v->newer;
    *(v->newer ? &v->newer->older : &j->newest) = v->older;
    v->older = v->newer = NULL;
    j->count--;
}

static void put_last(struct wt_judge *j, struct wt_judgement *v)
{
    v->older = j->newest;
    *(j->newest ? &j->newest->newer : &j->oldest) = v;
    j->newest = v;
    j->count++;
}

bool wt_judgements_drop(struct wt_judge *j)
{
    struct wt_judgement *v = j->oldest;
    if (!v)
        return false;
    struct wt_judgement **link = slot_of(j, v->hash);
    while (*link != v)
        link = &(*link)->next;
    *link = v->next;
    take_out(j, v);
    j->bytes -= v->bytes;
    free_judgement(v);
    return true;
}

static void make_room(struct wt_judge *j)
{
    while ((j->count > WT_LIMIT_JUDGEMENTS || j->bytes > WT_LIMIT_JUDGEMENTS_BYTES) && wt_judgements_drop(j))
        ;
}

void wt_judgement_count(struct wt_judgement *v)
{
    const size_t bytes = sizeof *v + (v->sent_count + v->path_count + v->held_room) * sizeof(void *) +
                         (v->staple ? sizeof *v->staple + v->staple->length : 0);
    v->judge->bytes += bytes - v->bytes;
    v->bytes = bytes;
    make_room(v->judge);
}

static void keep(struct wt_judgement *v)
{
    if (v->keepers++ == 0)
        take_out(v->judge, v);
}

void wt_judgement_release(const struct wt_judgement *judgement)
{
    struct wt_judgement *v = (struct wt_judgement *)(uintptr_t)judgement;
    if (--v->keepers == 0) {
        put_last(v->judge, v);
        make_room(v->judge);
    }
}

void wt_judgements_clear(struct wt_judge *j)
{
    for (size_t i = 0; j->slots && i < WT_JUDGE_SLOTS; i++)
        while (j->slots[i]) {
            struct wt_judgement *v = j->slots[i];
            j->slots[i] = v->next;
            free_judgement(v);
        }
    j->oldest = j->newest = NULL;
}

/* --- judging ------------------------------------------------------------------------------------------------------ */

static bool is_of(const struct wt_judgement *v, unsigned side, const struct wt_certificate_facts *const *sent,
                  size_t count, int64_t seconds)
{
    if (v->side != side || v->sent_count != count || seconds < v->from || seconds >= v->until)
        return false;
    for (size_t i = 0; i < count; i++)
        if (v->sent[i] != sent[i])
            return false;
    return true;
}

/* What was unknown when the chain was verified may have been seen since; and what was not tried may be, now. */
static bool may_change(struct wt_judge *j, const struct wt_judgement *v)
{
    const struct wt_certificate_facts *found[WT_LIMIT_CHAIN_TRIES];
    const struct wt_work *work = wt_crypto_work(j->crypto);
    if (v->untried == WT_UNTRIED_WORK || v->untried == WT_UNTRIED_FAILING)
        return work->second != v->tried_second;
    const bool open =
        v->faults & (1u << WT_CHAIN_UNKNOWN_ISSUER | 1u << WT_CHAIN_INCOMPLETE) && v->missing && !v->proved;
    return open && wt_authorities_find(j->authorities, &v->missing_key, v->pool, found);
}

static void verify(struct wt_judge *j, struct wt_judgement *v, int64_t seconds)
{
    ERR_set_mark(); /* the program's own errors stay, ours are removed */
    wt_chain_verify(j, v, seconds);
    ERR_pop_to_mark();
    v->tried_second = wt_crypto_work(j->crypto)->second;
}

static void judge_again(struct wt_judge *j, struct wt_judgement *v, int64_t seconds)
{
    if (!may_change(j, v))
        return;
    v->faults = 0;
    v->untried = WT_TRIED;
    v->strange = false;
    memset(v->point, 0, sizeof v->point);
    verify(j, v, seconds);
    wt_judgement_count(v);
}

struct wt_judgement *wt_chain_judge(struct wt_judge *j, unsigned side, const struct wt_certificate_facts *const *sent,
                                    size_t count, int64_t seconds)
{
    uint64_t hash = side;
    struct wt_judgement *v;
    count = count > WT_LIMIT_CHAIN_JUDGED ? WT_LIMIT_CHAIN_JUDGED : count;
    if (!count || !wt_judge_open(j))
        return NULL;
    /* facts are one object per certificate: their address identifies it */
    for (size_t i = 0; i < count; i++)
        hash = (hash ^ (uint64_t)(uintptr_t)sent[i] >> 4) * 0x9e3779b97f4a7c15u;
    for (v = *slot_of(j, hash); v; v = v->next)
        if (is_of(v, side, sent, count, seconds)) {
            keep(v);
            judge_again(j, v, seconds);
            return v;
        }
    if (!(v = make(j, side, sent, count)))
        return NULL;
    v->keepers = 1;
    verify(j, v, seconds);
    v->hash = hash;
    v->next = *slot_of(j, hash);
    *slot_of(j, hash) = v;
    wt_judgement_count(v);
    return v;
}

/* What each server of an input was seen to accept, by address and port: of the newest WT_LIMIT_SERVERS. */
#include "diagnosis/servers.h"

#include "base/memory.h"
#include "base/recent.h"
#include "base/span_hash.h"
#include "observer/state.h"

#include <stdlib.h>

struct wt_servers {
    struct wt_recent *places; /* in `slots` */
    struct wt_server_facts *slots[WT_LIMIT_SERVERS];
};

static uint64_t hash_of(const uint8_t ip[16], uint16_t port)
{
    uint8_t key[18];
    memcpy(key, ip, 16);
    key[16] = (uint8_t)(port >> 8);
    key[17] = (uint8_t)port;
    return wt_span_hash(wt_span_of(key, sizeof key));
}

const struct wt_server_facts *wt_servers_find(const struct wt_observer *o, const struct wt_conversation *c)
{
    unsigned server = wt_tls_direction_of(c->tls, WT_SERVER);
    if (!o->servers)
        return NULL;
    const uint32_t at = wt_recent_find(o->servers->places, hash_of(c->ip[server], c->port[server]));
    return at == WT_RECENT_NONE ? NULL : o->servers->slots[at];
}

static struct wt_servers *servers_of(struct wt_observer *o)
{
    if (!o->servers)
        o->servers = wt_calloc(1, sizeof *o->servers);
    return o->servers && wt_recent_ensure_asked(&o->servers->places, WT_LIMIT_SERVERS) ? o->servers : NULL;
}

/* The server's facts; of another one, which was met last before all others, nothing is known any more. */
static struct wt_server_facts *take(struct wt_observer *o, const struct wt_conversation *c)
{
    const unsigned server = wt_tls_direction_of(c->tls, WT_SERVER);
    struct wt_servers *const s = servers_of(o);
    bool is_new;
    if (!s)
        return NULL;
    const uint64_t hash = hash_of(c->ip[server], c->port[server]);
    struct wt_server_facts **slot = &s->slots[wt_recent_take(s->places, hash, &is_new)];
    if (!*slot && !(*slot = wt_calloc(1, sizeof **slot)))
        return NULL;
    if (!is_new)
        return *slot;
    free((*slot)->subject);
    **slot = (struct wt_server_facts){.forgot = wt_recent_forgot(s->places, hash)};
    return *slot;
}

static void note(uint16_t *list, size_t room, uint16_t value)
{
    for (size_t i = 0; value && i < room; i++) {
        if (list[i] == value)
            return;
        if (!list[i]) {
            list[i] = value;
            return;
        }
    }
}

static void note_name(struct wt_server_facts *f, struct wt_span name)
{
    if (!name.n)
        f->without_name = true;
    for (size_t i = 0; name.n && name.n <= WT_LIMIT_SERVER_NAME && i < WT_SERVER_NAMES; i++) {
        if (wt_span_equal(wt_span_text(f->names[i]), name))
            return;
        if (!f->names[i][0]) {
            memcpy(f->names[i], name.p, name.n);
            return;
        }
    }
    f->more_names |= name.n > 0;
}

/* A certificate is not remembered for ever: what is needed of it is copied. */
static void note_leaf(struct wt_server_facts *f, const struct wt_certificate_facts *leaf)
{
    const char *type = leaf->parsed && leaf->key_type ? leaf->key_type : "",
               *subject = leaf->parsed ? leaf->subject : NULL;
    const size_t n = strlen(type);
    memset(f->key_type, 0, sizeof f->key_type);
    if (n < sizeof f->key_type)
        memcpy(f->key_type, type, n);
    if (f->subject && subject && strcmp(f->subject, subject) == 0)
        return;
    free(f->subject);
    f->subject = subject && strlen(subject) <= WT_LIMIT_SERVER_SUBJECT ? wt_strdup(subject) : NULL;
}

void wt_servers_learn(struct wt_observer *o, const struct wt_conversation *c)
{
    const struct wt_tls *tls = c->tls;
    if (tls->outcome.state == WT_INCOMPLETE)
        return;
    struct wt_server_facts *f = take(o, c);
    if (!f)
        return;
    if (tls->authentication.count[WT_SERVER])
        note_leaf(f, tls->authentication.certificates[WT_SERVER][0]);
    if (tls->outcome.state == WT_FAILED) {
        f->failed++;
        return;
    }
    f->established++;
    f->direct += !tls->starttls;
    f->greased += (tls->seen.flags & WT_SEEN_GREASE) != 0;
    note(f->versions, sizeof f->versions / sizeof *f->versions, tls->agreed.version);
    note(f->suites, sizeof f->suites / sizeof *f->suites, tls->agreed.has_suite ? tls->agreed.suite : 0);
    note(f->groups, sizeof f->groups / sizeof *f->groups, tls->agreed.group);
    note(f->schemes, sizeof f->schemes / sizeof *f->schemes, tls->agreed.scheme);
    note_name(f, tls->agreed.sni);
}

void wt_servers_free(struct wt_servers *servers)
{
    for (size_t i = 0; servers && i < WT_LIMIT_SERVERS; i++) {
        if (servers->slots[i])
            free(servers->slots[i]->subject);
        free(servers->slots[i]);
    }
    if (servers)
        wt_recent_free(servers->places);
    free(servers);
}

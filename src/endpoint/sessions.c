#include "endpoint/sessions.h"

#include "base/memory.h"
#include "registry/registry.h"

#include <stdlib.h>

/* --- one ---------------------------------------------------------------------------------------------------------- */

struct wt_kept_session *wt_kept_session_new(const struct wt_session *s)
{
    const size_t room = wt_session_size(s);
    struct wt_kept_session *k = wt_calloc(1, sizeof *k + room);
    struct wt_writer w = wt_writer_start(k ? k->bytes : NULL, room);
    if (k && wt_session_write(s, &w)) {
        k->refs = 1;
        k->n = w.n;
        return k;
    }
    free(k);
    return NULL;
}

void wt_kept_session_release(struct wt_kept_session *k)
{
    if (!k || --k->refs)
        return;
    wt_wipe(k->bytes, k->n);
    free(k);
}

static bool read_kept(const struct wt_kept_session *k, struct wt_session *out)
{
    return wt_session_read(wt_span_of(k->bytes, k->n), out);
}

/* --- a client's --------------------------------------------------------------------------------------------------- */

static void remove_at(struct wt_client_sessions *c, size_t i)
{
    struct wt_kept_session *k = c->list[i];
    c->count--;
    memmove(&c->list[i], &c->list[i + 1], (c->count - i) * sizeof(struct wt_kept_session *));
    k->cached = false;
    wt_kept_session_release(k);
}

/* Of one server as many as it may have, one less for the next: the oldest of them goes. */
static void make_room(struct wt_client_sessions *c, const struct wt_session *new)
{
    size_t oldest = SIZE_MAX, same = 0;
    struct wt_session s;
    for (size_t i = c->count; i-- > 0;)
        if (read_kept(c->list[i], &s) && wt_span_equal(s.host, new->host) && s.port == new->port) {
            oldest = i;
            same++;
        }
    wt_wipe(&s, sizeof s);
    if (same >= WT_LIMIT_HOST_SESSIONS)
        remove_at(c, oldest);
    else if (c->count == WT_LIMIT_CLIENT_SESSIONS)
        remove_at(c, 0);
}

void wt_client_sessions_add(struct wt_client_sessions *c, struct wt_kept_session *k)
{
    struct wt_session s;
    if (k->cached || !read_kept(k, &s))
        return;
    make_room(c, &s);
    wt_wipe(&s, sizeof s);
    k->cached = true;
    k->refs++;
    c->list[c->count++] = k;
}

struct wt_kept_session *wt_client_sessions_take(struct wt_client_sessions *c,
                                                bool (*fits)(const void *context, const struct wt_session *s),
                                                const void *context)
{
    struct wt_kept_session *found = NULL;
    struct wt_session s = {0};
    for (size_t i = c->count; i-- > 0;) {
        struct wt_kept_session *k = c->list[i];
        if (!read_kept(k, &s) || !fits(context, &s))
            continue;
        k->refs++;
        found = k;
        if (s.version == WT_TLS13)
            remove_at(c, i);
        break;
    }
    wt_wipe(&s, sizeof s);
    return found;
}

void wt_client_sessions_drop(struct wt_client_sessions *c, struct wt_kept_session *k)
{
    for (size_t i = 0; k && k->cached && i < c->count; i++)
        if (c->list[i] == k)
            remove_at(c, i);
}

void wt_client_sessions_clear(struct wt_client_sessions *c)
{
    while (c->count)
        remove_at(c, c->count - 1);
}

/* --- a server's --------------------------------------------------------------------------------------------------- */

enum { WAYS = 4 };

static struct wt_session_slot *set_of(const struct wt_server_sessions *c, struct wt_span id)
{
    return c->slots + (size_t)(wt_get32(id.p) % (WT_LIMIT_SERVER_SESSIONS / WAYS)) * WAYS;
}

static struct wt_session_slot *slot_of(const struct wt_server_sessions *c, struct wt_span id)
{
    if (!c->slots || id.n != sizeof c->slots->id)
        return NULL;
    struct wt_session_slot *set = set_of(c, id);
    for (size_t i = 0; i < WAYS; i++)
        if (set[i].session && wt_span_equal(wt_span_of(set[i].id, sizeof set[i].id), id))
            return &set[i];
    return NULL;
}

static void empty(struct wt_session_slot *slot)
{
    wt_kept_session_release(slot->session);
    *slot = (struct wt_session_slot){0};
}

void wt_server_sessions_add(struct wt_server_sessions *c, const struct wt_session *s)
{
    if (s->id_length != sizeof s->id ||
        (!c->slots && !(c->slots = wt_calloc(WT_LIMIT_SERVER_SESSIONS, sizeof *c->slots))))
        return;
    struct wt_session_slot *set = set_of(c, wt_span_of(s->id, s->id_length)), *oldest = set;
    for (size_t i = 1; i < WAYS; i++)
        if (set[i].used < oldest->used)
            oldest = &set[i];
    empty(oldest);
    oldest->session = wt_kept_session_new(s);
    oldest->used = ++c->added;
    memcpy(oldest->id, s->id, sizeof oldest->id);
}

struct wt_kept_session *wt_server_sessions_find(const struct wt_server_sessions *c, struct wt_span id)
{
    const struct wt_session_slot *slot = slot_of(c, id);
    return slot ? slot->session : NULL;
}

void wt_server_sessions_drop(struct wt_server_sessions *c, struct wt_span id)
{
    struct wt_session_slot *slot = slot_of(c, id);
    if (slot)
        empty(slot);
}

void wt_server_sessions_clear(struct wt_server_sessions *c)
{
    for (size_t i = 0; c->slots && i < WT_LIMIT_SERVER_SESSIONS; i++)
        empty(&c->slots[i]);
    free(c->slots);
    *c = (struct wt_server_sessions){0};
}

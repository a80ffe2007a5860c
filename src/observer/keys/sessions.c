/* Who made the session that a connection resumes: ids and tickets by hash, the newest WT_LIMIT_SESSIONS. */
#include "observer/keys/sessions.h"

#include "base/array.h"
#include "base/recent.h"
#include "observer/state.h"

/* Of the file that is being read; NULL without. */
static struct wt_session *find(const struct wt_observer *o, uint64_t hash)
{
    const uint32_t at = wt_recent_find(o->session_places, hash);
    struct wt_session *s = at == WT_RECENT_NONE ? NULL : &o->sessions[at];
    return s && s->file == o->file_number ? s : NULL;
}

void wt_session_add(struct wt_observer *o, uint64_t hash, uint32_t stream)
{
    bool is_new;
    if (!wt_recent_ensure(&o->session_places, WT_LIMIT_SESSIONS))
        return;
    /* there is room for one more before it gets a place */
    const size_t used = wt_recent_count(o->session_places);
    if (used < WT_LIMIT_SESSIONS && !wt_array_grow(&o->sessions, used, &o->session_room, sizeof *o->sessions, 16))
        return;
    o->sessions[wt_recent_take(o->session_places, hash, &is_new)] = (struct wt_session){stream, o->file_number, 0};
}

bool wt_session_find(const struct wt_observer *o, uint64_t hash, uint32_t *stream)
{
    const struct wt_session *s = find(o, hash);
    *stream = s ? s->stream : 0;
    return s;
}

/* The server's name that it was made under. */
void wt_session_name(struct wt_observer *o, uint64_t hash, uint32_t host)
{
    struct wt_session *s = find(o, hash);
    if (s)
        s->host = host;
}

uint32_t wt_session_host(const struct wt_observer *o, uint64_t hash)
{
    const struct wt_session *s = find(o, hash);
    return s ? s->host : 0;
}

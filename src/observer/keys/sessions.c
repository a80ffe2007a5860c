/* Who made the session that a connection resumes: ids and tickets by hash, the newest WT_LIMIT_SESSIONS or so. */
#include "observer/keys/sessions.h"

#include "observer/state.h"

void wt_session_add(struct wt_observer *o, uint64_t hash, uint32_t stream)
{
    o->sessions[(hash ^ hash >> 32) % WT_LIMIT_SESSIONS] = (struct wt_session){hash, stream, o->file_number, 0};
}

bool wt_session_find(const struct wt_observer *o, uint64_t hash, uint32_t *stream)
{
    const struct wt_session *s = &o->sessions[(hash ^ hash >> 32) % WT_LIMIT_SESSIONS];
    *stream = s->stream;
    return s->hash == hash && s->file == o->file_number;
}

/* The server's name that it was made under. */
void wt_session_name(struct wt_observer *o, uint64_t hash, uint32_t host)
{
    struct wt_session *s = &o->sessions[(hash ^ hash >> 32) % WT_LIMIT_SESSIONS];
    if (s->hash == hash && s->file == o->file_number)
        s->host = host;
}

uint32_t wt_session_host(const struct wt_observer *o, uint64_t hash)
{
    const struct wt_session *s = &o->sessions[(hash ^ hash >> 32) % WT_LIMIT_SESSIONS];
    return s->hash == hash && s->file == o->file_number ? s->host : 0;
}

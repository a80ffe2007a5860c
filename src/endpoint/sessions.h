/* Sessions that a party keeps: a client's by host and port, a server's by session_id (TLS 1.2). Both are bounded. */
#ifndef WT_ENDPOINT_SESSIONS_H
#define WT_ENDPOINT_SESSIONS_H

#include "endpoint/session.h"

/* One as bytes (session.h), shared by the cache and the connections that know it. */
struct wt_kept_session {
    size_t refs, n;
    bool cached;
    uint8_t bytes[];
};

/* A copy with one reference, which is the caller's; NULL without memory. */
struct wt_kept_session *wt_kept_session_new(const struct wt_session *s);
/* The last one wipes it. */
void wt_kept_session_release(struct wt_kept_session *k);

/* --- a client's --------------------------------------------------------------------------------------------------- */

/* All zero is empty. The oldest first. */
struct wt_client_sessions {
    struct wt_kept_session *list[WT_LIMIT_CLIENT_SESSIONS];
    size_t count;
};

/* Takes a reference of its own. */
void wt_client_sessions_add(struct wt_client_sessions *c, struct wt_kept_session *k);
/* The newest that `fits` accepts, with a reference for the caller; one of TLS 1.3 leaves the cache: RFC 8446, C.4:
 * "Clients SHOULD NOT reuse a ticket for multiple connections." NULL: none. */
struct wt_kept_session *wt_client_sessions_take(struct wt_client_sessions *c,
                                                bool (*fits)(const void *context, const struct wt_session *s),
                                                const void *context);
void wt_client_sessions_drop(struct wt_client_sessions *c, struct wt_kept_session *k);
void wt_client_sessions_clear(struct wt_client_sessions *c);

/* --- a server's --------------------------------------------------------------------------------------------------- */

struct wt_session_slot {
    struct wt_kept_session *session;
    uint64_t used; /* number of its addition */
    uint8_t id[32];
};

/* All zero is empty. */
struct wt_server_sessions {
    struct wt_session_slot *slots; /* WT_LIMIT_SERVER_SESSIONS, in sets of four */
    uint64_t added;
};

/* The session's id has 32 bytes, random ones: they say which set it is in. Nothing is kept without memory. */
void wt_server_sessions_add(struct wt_server_sessions *c, const struct wt_session *s);
/* Without a reference; NULL: none. */
struct wt_kept_session *wt_server_sessions_find(const struct wt_server_sessions *c, struct wt_span id);
void wt_server_sessions_drop(struct wt_server_sessions *c, struct wt_span id);
void wt_server_sessions_clear(struct wt_server_sessions *c);

#endif

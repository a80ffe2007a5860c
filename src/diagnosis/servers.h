/* What the servers of this input were seen to do, by address and port: evidence for failures of other connections.
 * Connections are recorded as they end: later ones are not known yet. */
#ifndef WT_DIAGNOSIS_SERVERS_H
#define WT_DIAGNOSIS_SERVERS_H

#include "observer/transport/conversations.h"
#include "registry/limits.h"

struct wt_observer;

enum { WT_SERVER_NAMES = 8 }; /* names of a server that are remembered */

struct wt_server_facts {
    uint16_t versions[8]; /* chosen in successful connections; 0 ends the list */
    uint16_t suites[16], groups[8], schemes[8];
    char names[WT_SERVER_NAMES][WT_LIMIT_SERVER_NAME + 1]; /* their SNI; "" ends the list */
    bool more_names;                                       /* one is not in it, which was too long or one too many */
    bool without_name;                                     /* one without SNI succeeded */
    char key_type[8]; /* of the newest certificate that it sent: "RSA"; "": not known */
    char *subject;    /* of that one; NULL: none that is known */
    bool forgot;      /* there is more, that made room */
    uint32_t established, failed;
    uint32_t direct;  /* of those that were established, without a dialogue before TLS */
    uint32_t greased; /* of those that were established, with GREASE values in the ClientHello */
};
struct wt_servers;
/* NULL if nothing was seen of that server. */
const struct wt_server_facts *wt_servers_find(const struct wt_observer *o, const struct wt_conversation *c);
/* A connection is over: adds what it shows about its server. */
void wt_servers_learn(struct wt_observer *o, const struct wt_conversation *c);
void wt_servers_free(struct wt_servers *servers);

#endif

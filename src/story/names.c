/* Names of messages. */
#include "wiretale/story.h"

#include "codec/codec.h"

static const char *const ssl2_names[] = {"error",         "client_hello",  "client_master_key",   "client_finished",
                                         "server_hello",  "server_verify", "server_finished",     "request_certificate",
                                         "client_certificate"};

const char *wt_message_type_name(const struct wt_message *m)
{
    if (!(m->flags & WT_MESSAGE_TYPED))
        return NULL;
    if (m->flags & WT_MESSAGE_SSL2)
        return m->type < sizeof ssl2_names / sizeof *ssl2_names ? ssl2_names[m->type] : NULL;
    if (m->content_type == WT_CONTENT_HEARTBEAT)
        return wt_registry_name(WT_REG_HEARTBEAT_TYPE, m->type);
    if (m->content_type != WT_CONTENT_HANDSHAKE)
        return NULL;
    return m->flags & WT_MESSAGE_RETRY ? "hello_retry_request" : wt_registry_name(WT_REG_HANDSHAKE_TYPE, m->type);
}

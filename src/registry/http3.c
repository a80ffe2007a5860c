#include "registry/http3.h"

enum { ON_CONTROL = WT_HTTP3_ON_CONTROL, ON_REQUEST = WT_HTTP3_ON_REQUEST, ON_PUSH = WT_HTTP3_ON_PUSH };

bool wt_http3_may_be_on(uint64_t type, enum wt_http3_on stream)
{
    switch (type) {
#define WT_HTTP3_FRAME(value, ID, streams, rfc)                                                                        \
    case (value):                                                                                                      \
        return ((streams)&stream) != 0;
#define WT_HTTP3_TAKEN(value, name)                                                                                    \
    case (value):                                                                                                      \
        return false;
#include "registry/http3.def"
#undef WT_HTTP3_FRAME
#undef WT_HTTP3_TAKEN
    default:
        return true;
    }
}

/* What the builder of TCP segments promises to the wire. */
#ifndef WT_CAPTURE_REBUILD_H
#define WT_CAPTURE_REBUILD_H

/* bytes: of a segment's payload; what an Ethernet of 1500 bytes carries over IPv4 (RFC 9293, 3.7.1). */
#define WT_REBUILD_MSS 1460u
/* LINKTYPE_RAW: the packet begins with IPv4 or IPv6, as its first four bits say. */
#define WT_REBUILD_LINK 101

#endif

/* Every bound of the engine. What hits one is counted in `undecoded` and said in the output; nothing grows past it.
 * Units stand in each comment. */
#ifndef WT_REGISTRY_LIMITS_H
#define WT_REGISTRY_LIMITS_H

/* bytes: one handshake message that is kept whole. The wire's own bound is 2^24 - 1; the largest seen in practice
 * (certificate chains, CA lists) are below 256 KiB. */
#define WT_LIMIT_HANDSHAKE_MESSAGE (1u << 20)
/* bytes: plaintext fragment 2^14 plus what the oldest RFCs let protection add (RFC 5246, 6.2.3: 2048). */
#define WT_LIMIT_RECORD (16384u + 2048u)
/* bytes: what no version allows a record to hold more of, protection apart (RFC 5246, 6.2.1; RFC 8446, 5.1) */
#define WT_LIMIT_PLAINTEXT 16384u
/* blocks of 16 code points, extensions, bytes of ALPN's list, PSK identities: of a ClientHello that are kept as what it
 * offers, some 600 bytes for each connection that is not up yet; a browser's has 30, 20, 14 and 2. What is over is
 * counted as not known, and nothing is concluded from its absence. */
#define WT_LIMIT_OFFERED_BLOCKS 72u
#define WT_LIMIT_OFFERED_EXTENSIONS 32u
#define WT_LIMIT_OFFERED_ALPN 64u
#define WT_LIMIT_OFFERED_PSKS 4u
/* extensions of one message that are kept decoded (4 KB) while it is looked at; others are decoded when asked for */
#define WT_LIMIT_DECODED_EXTENSIONS 32u
/* bytes: of the ALPN protocol's name that the server chose; IANA's longest has 21. */
#define WT_LIMIT_CHOSEN_ALPN 32u
/* rules: broken by one message, that are reported one by one. */
#define WT_LIMIT_BREACHES 8u
/* events: fields of one message that the trail keeps. */
#define WT_LIMIT_TRAIL 65536u
/* levels: that the elements of a certificate or OCSP answer are followed into each other; each costs stack. */
#define WT_LIMIT_DER_DEPTH 32u
/* bytes: one captured packet. libpcap's largest snapshot length for anything that carries TCP (only USB and D-Bus
 * captures go beyond); a length over it is damage. */
#define WT_LIMIT_PACKET 262144u
/* bytes: one pcapng block that is kept whole. Only secrets and names come near: some 300,000 sessions' keys. */
#define WT_LIMIT_BLOCK (64u << 20)
/* interfaces: of one pcapng section. */
#define WT_LIMIT_INTERFACES 65536u
/* files: of which windows are mapped at one time; any more are read. */
#define WT_LIMIT_WINDOWS 64u
/* logarithm of bytes: history that a zstd frame may ask for; what zstd(1) grants without being told. */
#define WT_LIMIT_ZSTD_WINDOW_LOG 27
/* headers: between the start of a packet and its innermost TCP. */
#define WT_LIMIT_ENCAPSULATION 32u
/* datagrams: IP datagrams in pieces that wait for more at one time. */
#define WT_LIMIT_FRAGMENT_DATAGRAMS 256u
/* bytes: that those hold. */
#define WT_LIMIT_FRAGMENT_BYTES (4u << 20)
/* nanoseconds: that pieces wait for their fellows. RFC 8200, 4.5: "within 60 seconds of the reception of the
 * first-arriving fragment"; RFC 1122, 3.3.2 wants 60 to 120 seconds. */
#define WT_LIMIT_FRAGMENT_AGE 60000000000
/* bytes: of early segments that one direction of a connection holds, their bookkeeping included. What a receiver's
 * window holds on a fast and lossy path. */
#define WT_LIMIT_TCP_PENDING (4u << 20)
/* segments: the same. */
#define WT_LIMIT_TCP_PENDING_SEGMENTS 4096u
/* bytes: of early segments that all connections hold together. */
#define WT_LIMIT_TCP_PENDING_ALL (16u << 20)
/* bytes, segments: that a stream goes on behind bytes that the receiver acknowledged and the capture lacks, before we
 * believe that they will not come. A capture's own disorder is shorter. */
#define WT_LIMIT_TCP_ACKED_AHEAD 65536u
#define WT_LIMIT_TCP_ACKED_SEGMENTS 32u
/* bytes: of one direction that wait for the other one, of which nothing was seen yet: two taps, merged one after the
 * other. */
#define WT_LIMIT_TCP_UNHEARD (1u << 20)
/* bytes: that connections, datagrams and certificates of a run may take together, unless --max-memory says otherwise: a
 * machine with 1 GiB has room for them. Packets: after which that is looked at. */
#define WT_LIMIT_MEMORY (512u << 20)
#define WT_LIMIT_MEMORY_PACKETS 64u
/* bytes: that connections take, from which on those that are silent are kept in fewer bytes, which costs time. */
#define WT_LIMIT_AWAKE (64u << 20)
/* bytes: of a handshake's segments that are remembered until it is over, to compare copies with, and as many of copies;
 * half of the memory for those of all handshakes. And how many handshakes' room is kept for the next ones. */
#define WT_LIMIT_JOURNAL 32768u
#define WT_LIMIT_SPARE_JOURNALS 64u
/* bytes: how far from the next byte a segment can lie at all: the largest window, RFC 7323, 2.3. */
#define WT_LIMIT_TCP_WINDOW (1u << 30)
/* bytes: acknowledged behind the last that passed, that are believed to have been sent; systems give a receiver less
 * room. */
#define WT_LIMIT_TCP_UNSEEN (1u << 24)
/* nanoseconds: within which nobody sends a segment again because no acknowledgment came. RFC 6298, 2.4: "Whenever RTO
 * is computed, if it is less than 1 second, then the RTO SHOULD be rounded up to 1 second"; systems go down to this. */
#define WT_LIMIT_RTO_NS 200000000
/* nanoseconds: within which a segment without Identification is a copy: less than a probe for a lost tail waits (RFC
 * 8985, 7.2: two round trips; systems add their clock's tick). */
#define WT_LIMIT_COPY_NS 5000000
/* numbers: by which the Identification of a copy may come before the newest. */
#define WT_LIMIT_COPY_IDS 256
/* bytes: that the start of a stream whose SYN was not captured may move back while none of it was used. */
#define WT_LIMIT_TCP_REWIND 65536u
/* packets: with pieces of IP datagrams that are not whole yet, remembered while packets are chosen. */
#define WT_LIMIT_CHOICE_PIECES 4096u
/* bytes: what a decompressor of certificates may allocate while it works; brotli's largest window is 16 MiB, and while
 * it grows to that its half is there as well. */
#define WT_LIMIT_INFLATE_MEMORY (25u << 20)
/* bytes of JSON in one compressed block of a page: what a browser unpacks to show one connection. The larger, the more
 * often something is told once instead of once more in the next block. */
#define WT_LIMIT_PAGE_BLOCK (1u << 20)

/* certificates whose JSON is kept for the next connection that shows them, and bytes of the JSON of one. */
#define WT_LIMIT_JSON_CACHE_SLOTS 1024u
#define WT_LIMIT_JSON_CACHE_OBJECT 16384u
/* runs of members whose JSON is kept by what decides them, and bytes of one with the texts that do. */
#define WT_LIMIT_JSON_MEMO 128u
#define WT_LIMIT_JSON_MEMO_BYTES 2048u
/* handshake messages whose JSON is kept for the next that differs in opaque bytes alone, and bytes of one with its
 * JSON. */
#define WT_LIMIT_JSON_PATTERNS 64u
#define WT_LIMIT_JSON_PATTERN_BYTES 8192u
/* bytes: of one opaque field that JSON gives as hex; of a longer one it gives so many and the length. */
#define WT_LIMIT_JSON_BYTES 4096u
/* parameters: transport parameters of one QUIC hello with numbers above 2^16 that are held against each other. */
#define WT_LIMIT_QUIC_PARAMETERS 64u

/* findings: kept per connection. */
#define WT_LIMIT_FINDINGS 64u
/* slots: servers of an input that are known to speak TLS; conversations without TLS that wait to be told. */
#define WT_LIMIT_TLS_SERVERS 8192u
#define WT_LIMIT_REFUSALS 16u
/* nanoseconds: that a handshake may take before it is told as slow. */
#define WT_LIMIT_SLOW_NS 1000000000
/* alerts: kept per connection; the rest is in the messages. */
#define WT_LIMIT_ALERTS 64u
/* certificates: kept per side of a connection, over all its handshakes. */
#define WT_LIMIT_CHAIN 128u
/* messages: kept per connection when they are asked for. */
#define WT_LIMIT_MESSAGES (1u << 20)
/* bytes: message bodies kept per connection when they are asked for. */
#define WT_LIMIT_MESSAGE_BYTES (16u << 20)
/* bytes: places of messages and records kept per connection with the messages; and records. */
#define WT_LIMIT_PLACES_BYTES (64u << 20)
#define WT_LIMIT_PLACES_RECORDS (1u << 20)
/* packets: of one direction remembered to find those that carried a record or message that has not ended; before it is
 * known whether the conversation is TLS; records that a handshake message in progress has touched. */
#define WT_LIMIT_PLACES_PACKETS 65536u
#define WT_LIMIT_PLACES_PLAIN 64u
#define WT_LIMIT_PLACES_PARTS 65536u
/* bytes: of one packet's headers that are kept when they are asked for; of all those of one connection, with their
 * bookkeeping; of those of all connections that have not been reported. */
#define WT_LIMIT_PACKET_HEADERS 512u
#define WT_LIMIT_PACKET_HEADERS_BYTES (16u << 20)
#define WT_LIMIT_PACKET_HEADERS_ALL (256u << 20)
/* segments: of one connection that are kept when they are asked for; from half of it on those alone that open or end it
 * or did not come in order. Segments of all connections that have not been reported. */
#define WT_LIMIT_SEGMENTS 8192u
#define WT_LIMIT_SEGMENTS_ALL (8u << 20)
/* conversations: held at once; the oldest are ended to make room. */
#define WT_LIMIT_CONVERSATIONS (1u << 22)
/* conversations: of UDP, which has no end, held at once for their numbers; the oldest make room. */
#define WT_LIMIT_UDP_CONVERSATIONS (1u << 20)
/* nanoseconds: of silence after the end of a connection over UDP was said. RFC 9000, 10.2: "These states SHOULD persist
 * for at least three times the current PTO interval". */
#define WT_LIMIT_UDP_CLOSING_NS 3000000000
/* connections: over UDP, held at once; the oldest are ended to make room. */
#define WT_LIMIT_UDP_CONNECTIONS (1u << 20)

/* --- QUIC (src/observer/quic): of one connection where nothing else is said ----------------------------------------
 */

/* ids: connection ids that are followed; one that was retired makes room, else the oldest. */
#define WT_LIMIT_QUIC_IDS 64u
/* paths: pairs of addresses; and as many pairs more that such a path has at other points of the network. */
#define WT_LIMIT_QUIC_PATHS 16u
/* datagrams of a side, the newest: one that comes once more, captured at another point, is looked for among them. */
#define WT_LIMIT_QUIC_NEWEST 8u
/* closes: CONNECTION_CLOSE frames with different codes. */
#define WT_LIMIT_QUIC_CLOSES 4u
/* versions: that are tried, and that a Version Negotiation packet offers. */
#define WT_LIMIT_QUIC_VERSIONS 16u
/* packets: of one datagram that are tried to be opened, all in all (2^16 bytes hold some 2,700 of the smallest; 54 of
 * 1,200 bytes), and that fail: wrong guesses of keys, key phases and sizes included. */
#define WT_LIMIT_QUIC_OPENINGS 512u
#define WT_LIMIT_QUIC_FAILURES 16u
/* times 256 packets: that the capture may lack at once, before one whose number has one byte. */
#define WT_LIMIT_QUIC_WINDOWS 8u
/* updates: of keys that were passed over unseen, when the next packet is opened. */
#define WT_LIMIT_QUIC_UPDATES 8u
/* sizes: that are tried for the packets of a datagram which segmentation offload left in one piece. */
#define WT_LIMIT_QUIC_SEGMENT_GUESSES 8u
/* connections: of all, whose Initial keys are kept; the oldest are made anew when they are needed once more. */
#define WT_LIMIT_QUIC_INITIAL_KEYS 64u
/* pieces, bytes: of CRYPTO frames that came early, in one stream, and how far ahead they may be. A ClientHello with
 * post-quantum shares has 2 KiB, a chain 10. RFC 9000, 7.5 asks for 4,096 bytes. */
#define WT_LIMIT_QUIC_CRYPTO_PIECES 64u
#define WT_LIMIT_QUIC_CRYPTO_BYTES (64u << 10)
#define WT_LIMIT_QUIC_CRYPTO_AHEAD (256u << 10)
/* packets, bytes: that wait for keys which may still come. */
#define WT_LIMIT_QUIC_WAITING 32u
#define WT_LIMIT_QUIC_WAITING_BYTES (48u << 10)
/* packets, frames: in the list of a connection. */
#define WT_LIMIT_QUIC_LISTED (1u << 17)
#define WT_LIMIT_QUIC_LISTED_FRAMES (1u << 19)
/* frames: the newest of a side whose bytes are remembered, so that what is sent again is known. */
#define WT_LIMIT_QUIC_SENT 1024u
/* what was sent again, and gaps in packet numbers, that are told one by one; ranges of acknowledged numbers that are
 * remembered of a side in each space. */
#define WT_LIMIT_QUIC_RESENT 256u
#define WT_LIMIT_QUIC_GAPS 64u
#define WT_LIMIT_QUIC_ACKNOWLEDGED 64u
/* bytes: of the packets in that list, where they are kept for their fields; of DTLS's records likewise. */
#define WT_LIMIT_LISTED_BYTES (256u << 10)

/* conversations: that are over and were reported, remembered for segments that come late, which are theirs and no
 * connection's of their own; the one that ended first makes room. */
#define WT_LIMIT_OVER 3072u
/* numbers: of ethertypes, IP protocols and the like under which packets that were not read are counted. */
#define WT_LIMIT_ACCOUNT_NUMBERS 128u
/* datagrams: of a UDP conversation that are looked at to find what it is. */
#define WT_LIMIT_DATAGRAM_LOOKS 32u
/* bytes: of a dialogue before TLS, per direction, that are looked at; and how many of them are held for a name. */
#define WT_LIMIT_DIALOGUE 65536u
#define WT_LIMIT_DIALOGUE_HELD 2048u
/* bytes: dialogues held by all conversations together. */
#define WT_LIMIT_DIALOGUE_ALL (16u << 20)
/* sessions: ids and tickets remembered to recognise who resumes whom. */
#define WT_LIMIT_SESSIONS 65536u
/* conversations: closed ones that wait for stragglers before they end, and nanoseconds (of packet time) they wait. */
#define WT_LIMIT_CLOSING 4096u
/* bytes: that those hold together: as much as stays in a processor's second-level cache until they are reported. */
#define WT_LIMIT_CLOSING_BYTES (256u << 10)
#define WT_LIMIT_CLOSING_NS 2000000000
/* nanoseconds: the same where somebody watches, and all packets until now are here: no more than a network interface's
 * queues and a retransmission lie behind each other, and who watches wants to read within a second. */
#define WT_LIMIT_CLOSING_WATCHED_NS 500000000
/* nanoseconds: that a handshake stands still, while the capture goes on, before it is said to have stalled; and that a
 * side waits in vain before its leaving is said to be a timeout. */
#define WT_LIMIT_STALL_NS 3000000000
#define WT_LIMIT_PATIENCE_NS 1500000000
/* milliseconds: that a client says nothing, before that is told; who only asks whether a port is open leaves sooner. */
#define WT_LIMIT_SILENT_MS 1000u
/* nanoseconds: without any packet, after which a capture is taken for another one that was merged with the first.
 * Whoever waits for an answer says something in that time: TCP repeats what is not acknowledged, programs give up. */
#define WT_LIMIT_JUMP_NS 60000000000
/* nanoseconds: without a packet, from which on a silence is kept at all; after which a NAT or firewall may have
 * forgotten a connection (RFC 5382, 5 asks for two hours and four minutes, many forget within a minute or less). */
#define WT_LIMIT_SILENCE_NS 1000000000
#define WT_LIMIT_IDLE_NS 30000000000
/* nanoseconds: that a receiver keeps its window closed before its application is said to have stopped reading. */
#define WT_LIMIT_WINDOW_NS 5000000000
/* nanoseconds: that waiting for retransmissions may take before it is told; Linux waits so long at least. */
#define WT_LIMIT_LOSS_NS 200000000
/* nanoseconds: within which a client that leaves after its Finished has left for what it saw in the handshake. */
#define WT_LIMIT_LEFT_NS 1000000000
/* hops: that the TTLs of one sender's packets may differ by; paths change. */
#define WT_LIMIT_HOPS 1
/* pairs: of a client and a server, whose answered ClientHellos are remembered; the one not met for the longest time
 * makes room. Of each pair, those that differ in what a device on the path may look at. */
#define WT_LIMIT_TWINS 1024u
#define WT_LIMIT_TWINS_KEPT 4u
/* connections of Multipath TCP, and as many subflows, that are followed at once; the one not met for the longest time makes
 * room: what its subflows carry is then missing from its stream. */
#define WT_LIMIT_MULTIPATH 1024u
/* connections: remembered by their randoms, to recognise them elsewhere in the same file; the one not met for the
 * longest time makes room. Places at which one of them is recognised; of any more it is said how many. */
#define WT_LIMIT_SAME 8192u
#define WT_LIMIT_SAME_PLACES 8u
/* kinds: of ICMP errors kept per conversation; conversations that have any. */
#define WT_LIMIT_ICMP_KINDS 4
#define WT_LIMIT_ICMP_CONVERSATIONS 4096u
/* servers: whose deeds in connections that came up are remembered as evidence for those that do not; the one not met
 * for the longest time makes room. */
#define WT_LIMIT_SERVERS 4096u
/* bytes: of one server name remembered there, and of its certificate's subject. */
#define WT_LIMIT_SERVER_NAME 64u
#define WT_LIMIT_SERVER_SUBJECT 1024u
/* bytes: of distinct certificates that a run remembers, with their facts, some 25,000 of the usual size: the one that
 * was not used for the longest time makes room. Those that open connections show stay: of them alone so many. */
#define WT_LIMIT_CERTIFICATES_BYTES (64u << 20)
#define WT_LIMIT_CERTIFICATES_SHOWN (256u << 20)

/* Entries of one list in a certificate (usages, constraints, URLs, policies, timestamps) that its facts keep. */
#define WT_LIMIT_CERTIFICATE_LIST 64u
/* bytes: of a filter's text. */
#define WT_LIMIT_FILTER_TEXT 65536u
/* nodes: of a filter's tree. */
#define WT_LIMIT_FILTER_NODES 16384u
/* levels: that parentheses, "not" and functions may nest; each costs stack. */
#define WT_LIMIT_FILTER_DEPTH 64u
/* bytes: that a compiled filter takes, without its patterns; and that one answer takes for strings it makes. */
#define WT_LIMIT_FILTER_MEMORY (16u << 20)
/* values: that a field may have in one connection; a ClientHello alone can hold 2^15 cipher suites. */
#define WT_LIMIT_FILTER_VALUES 1048576u
/* steps, and kibibytes: that one match of a regular expression may take; beyond, it does not match. */
#define WT_LIMIT_FILTER_MATCH 100000u
#define WT_LIMIT_FILTER_MATCH_HEAP 4096u
/* bytes: that the secrets of key logs take with their index; some four million secrets. */
#define WT_LIMIT_KEYLOG_BYTES (1024u << 20)
/* minutes: that secrets of a live key log are kept which no connection has asked for; and those that one has asked for,
 * or that a session's id leads to: RFC 5246, F.1.4: "An upper limit of 24 hours is suggested for session ID lifetimes".
 */
#define WT_LIMIT_SECRET_MINUTES 10u
#define WT_LIMIT_SECRET_ASKED_MINUTES 1440u
/* bytes: of one line of a key log. */
#define WT_LIMIT_KEYLOG_LINE 4096u
/* keys: private RSA keys, and pre-shared keys, that a run is given. */
#define WT_LIMIT_RSA_KEYS 1024u
#define WT_LIMIT_PSKS 65536u
/* bytes: of one file with a private key. */
#define WT_LIMIT_KEY_FILE (1u << 20)
/* bytes: of one pre-shared key. RFC 4279, 5.3 wants 64 at least to be supported. */
#define WT_LIMIT_PSK 1024u
/* bytes: handshake messages of one handshake that are held for its proofs. */
#define WT_LIMIT_TRANSCRIPT (4u << 20)
/* exchanges: requests that are kept per connection. */
#define WT_LIMIT_EXCHANGES 4096u
/* bytes: of a header block of HTTP/1 or HTTP/3 that is looked at. */
#define WT_LIMIT_HTTP_HEADER 65536u
/* streams: of one HTTP/2 or HTTP/3 connection that are open at once, as far as they are followed; and HTTP/1's requests
 * beyond WT_LIMIT_EXCHANGES that wait for their answers. */
#define WT_LIMIT_HTTP_STREAMS 1024u
/* bytes: of a path or an authority that is kept (RFC 9112, 3 recommends 8000 to be supported; a reader wants its
 * head), and of every other field. */
#define WT_LIMIT_HTTP_TARGET 4096u
#define WT_LIMIT_HTTP_FIELD 256u
/* bytes: of a side of HTTP/1 that wait for what the other side says to them, their bookkeeping included. */
#define WT_LIMIT_HTTP_HELD 65536u
/* bytes: that a peer may make the table of HTTP/2's header compression hold; browsers allow 65536. */
#define WT_LIMIT_HTTP_TABLE 262144u
/* bytes: that HTTP/3's header compression may take on each side, all that nghttp3 allocates included. An entry of 32
 * bytes by RFC 9204's count costs some 250. */
#define WT_LIMIT_QPACK_MEMORY 1048576u
/* bytes: of an HTTP/3 connection's header fields that wait: for the rest of them, for the table, for SETTINGS. */
#define WT_LIMIT_HTTP3_HELD 524288u
/* sections: of header fields of a side that wait for the table; browsers allow 100 streams to. */
#define WT_LIMIT_HTTP3_BLOCKED 256u
/* streams: whose frames are told field by field from packet to packet; the oldest makes room. */
#define WT_LIMIT_HTTP3_PLACES 64u
/* streams: of a QUIC connection that are open at once, as far as they are read; ranges of those of a type that are
 * over. */
#define WT_LIMIT_QUIC_STREAMS 1024u
#define WT_LIMIT_QUIC_STREAM_RANGES 64u
/* bytes: of all streams of a connection that came before their turn; pieces of one stream. Beyond, what is missing is
 * given up. */
#define WT_LIMIT_QUIC_STREAM_BYTES (4u << 20)
#define WT_LIMIT_QUIC_STREAM_PIECES 4096u
/* bytes: of 0-RTT that wait for the server to accept or reject it. */
#define WT_LIMIT_QUIC_EARLY 131072u
/* frames of a packet, and ranges of its ACKs, that whoever asks for packets is told. */
#define WT_LIMIT_QUIC_TOLD_FRAMES 1024u
#define WT_LIMIT_QUIC_TOLD_RANGES 4096u
/* steps: of derivation or record protection kept per connection. */
#define WT_LIMIT_STEPS 4096u
/* bytes: of a connection's records whose protection is kept where no one record was asked for. */
#define WT_LIMIT_RECORD_STEPS_BYTES 131072u
/* pieces: of plaintext, a record each, that wait for a second thread to hash them; who has more waits for it. */
#define WT_LIMIT_HASHER 32u
/* records: tried with the keys of a later epoch before it is given up (TLS 1.3); that may fail in a row. */
#define WT_LIMIT_TRIALS 256u
/* records: that may have passed under a secret of TLS 1.3 before it was known; each is a number to try. */
#define WT_LIMIT_LATE 16u
#define WT_LIMIT_FAILURES 16u
/* rows: servers, and certificates, that an overview tells apart; versions, suites, groups, causes, findings. Those
 * beyond are counted together. */
#define WT_LIMIT_OVERVIEW_ROWS 16384u
#define WT_LIMIT_OVERVIEW_KINDS 1024u
/* bytes: that an overview keeps for names. */
#define WT_LIMIT_OVERVIEW_BYTES (8u << 20)
/* certificates: trusted, or to complete chains, that a run is given; and bytes of one file of them, or of a list of
 * logs. */
#define WT_LIMIT_TRUST 65536u
#define WT_LIMIT_TRUST_FILE (64u << 20)
/* certificates: of a chain that are looked at. */
#define WT_LIMIT_CHAIN_JUDGED 16u
/* signatures: from a leaf to what is trusted, that are verified without --verify all. */
#define WT_LIMIT_CHAIN_LINKS 10
/* certificates: of authorities that have verified another one in the run, and may complete a chain; that are tried for
 * one place in it. */
#define WT_LIMIT_CHAIN_POOL 4096u
#define WT_LIMIT_CHAIN_TRIES 16u
/* bits: of the prime of a finite field that a server names by its numbers. The longest of RFC 7919; RFC 8270, 2 was
 * written for SSH, and libraries differ, but with fewer than these the discrete logarithm is no obstacle. */
#define WT_LIMIT_DH_BITS 8192u
#define WT_LIMIT_DH_BITS_LEAST 1024u
/* bits: of keys that signatures are verified with, and of RSA's exponent, without --verify all. */
#define WT_LIMIT_RSA_BITS 8192
#define WT_LIMIT_RSA_EXPONENT 33
#define WT_LIMIT_DSA_BITS 4096
/* microseconds, about: that verifying may take for one connection, and for all within one second of the capture,
 * without --verify all. */
#define WT_LIMIT_WORK_CONNECTION 50000u
#define WT_LIMIT_WORK_SECOND 1000000u
/* signatures: of one key that fail in a row before it is tried once a second only. */
#define WT_LIMIT_KEY_FAILURES 16u
/* bytes: of blocks of connections that have ended which are kept for the next; any more go back to the system. */
#define WT_LIMIT_POOL_BYTES (256u << 10)
/* hellos: whose fingerprints are remembered, a slot of a table each; any more are made again. */
#define WT_LIMIT_FINGERPRINTS 64u
/* ClientHellos: of which is remembered what follows from them, and bytes of one; any more are read anew each time. */
#define WT_LIMIT_KNOWN_HELLOS 64u
#define WT_LIMIT_KNOWN_HELLO 2048u
/* certificates: kept parsed for libcrypto; any more are parsed again. */
#define WT_LIMIT_PARSED 128u
/* chains: distinct ones (with role and stretch of time) whose judgement is remembered, and bytes: the one that was not
 * used for the longest time makes room. */
#define WT_LIMIT_JUDGEMENTS 16384u
#define WT_LIMIT_JUDGEMENTS_BYTES (64u << 20)
/* seconds: that times may lie ahead of the capture's clock before it is doubted; clocks of zones and summers lie
 * within. */
#define WT_LIMIT_CLOCK_SKEW 86400
/* bytes: of a stapled OCSP answer that is looked at. */
#define WT_LIMIT_STAPLE 65535u
/* connections: of one capture that are compared with another's, and segments of all of them. */
#define WT_LIMIT_COMPARE_CONVERSATIONS 16384u
#define WT_LIMIT_COMPARE_SEGMENTS (1u << 21)
/* bytes: of one side's stream that are compared byte by byte; that all streams, and all messages, take. */
#define WT_LIMIT_COMPARE_STREAM 262144u
#define WT_LIMIT_COMPARE_BYTES (64u << 20)
/* ranges: of a stream that lie apart because of holes; messages of a connection; differences that are told of one. */
#define WT_LIMIT_COMPARE_RANGES 4096u
#define WT_LIMIT_COMPARE_MESSAGES 256u
#define WT_LIMIT_COMPARE_DIFFERENCES 1024u
/* runs of bytes: of one side's stream that differ, and that one of the two captures has alone, which are told. */
#define WT_LIMIT_COMPARE_RUNS 8u
#define WT_LIMIT_COMPARE_LONE 32u
/* nanoseconds: that the two legs of a proxy's connection may begin apart; it opens its own when it is asked, or has it
 * open, and the clocks of two hosts differ. */
#define WT_LIMIT_COMPARE_LEGS_NS 3000000000
/* pairs of connections: that are held against each other because of one sign that is alike. */
#define WT_LIMIT_COMPARE_TRIES (1u << 24)
/* originals: names and addresses of a run that have numbered stand-ins; those of any more have longer numbers. */
#define WT_LIMIT_STANDINS (1u << 20)
/* characters: of a name in UTF-16 or UTF-32 that is replaced as text; longer ones are replaced as bytes. */
#define WT_LIMIT_STANDIN_WIDE 1024u

/* Some are out of a test's reach: what has them is compiled once more with a file that sets them lower. */
#ifdef WT_LIMITS_OF_TEST
#include WT_LIMITS_OF_TEST
#endif

/* --- endpoints (src/endpoint) ------------------------------------------------------------------------------------- */

/* bytes: of one handshake message that an endpoint takes. Certificate chains of real servers have below 16 KiB; a
 * CertificateRequest that names all public authorities has 30 KiB. */
#define WT_LIMIT_ENDPOINT_MESSAGE (128u << 10)
/* bytes: of the extensions in one message of ours. */
#define WT_LIMIT_OWN_EXTENSIONS 16384u
/* groups: of which a client sends shares at once. */
#define WT_LIMIT_KEY_SHARES 4u
/* certificates: of a chain that an endpoint takes from its peer. */
#define WT_LIMIT_PEER_CERTIFICATES 100u
/* events: that wait to be fetched; the oldest are dropped. */
#define WT_LIMIT_EVENTS 8u
/* bytes: of the protocols that a party has for ALPN, as they go into a hello. */
#define WT_LIMIT_OWN_ALPN 2048u
/* bytes: of the names of authorities in a CertificateRequest of ours. */
#define WT_LIMIT_OWN_AUTHORITIES 8192u
/* bytes: of the signed certificate timestamps that go with a certificate of ours. One of them has some 120. */
#define WT_LIMIT_OWN_TIMESTAMPS 8192u
/* bytes: of sealed records that wait for the transport before an endpoint takes no more data. */
#define WT_LIMIT_OUTPUT (64u << 10)
/* bytes: of application data that waits for the end of the handshake. */
#define WT_LIMIT_WAITING 16384u
/* records: without content, or for middleboxes alone, one after the other. */
#define WT_LIMIT_EMPTY_RECORDS 32u
/* alerts: of the level warning in one connection. */
#define WT_LIMIT_WARNINGS 4u
/* messages: KeyUpdate between two records of application data. */
#define WT_LIMIT_KEY_UPDATES 32u
/* handshakes: that a peer begins in a connection of TLS 1.2, or asks for, between two records of application data. */
#define WT_LIMIT_RENEGOTIATIONS 8u
/* requests: for a certificate after the handshake, of one connection; each costs the client a signature. */
#define WT_LIMIT_LATER_REQUESTS 32u
/* buffers: for records, that a party keeps for its next connection. */
#define WT_LIMIT_SPARE_BUFFERS 2u
/* algorithms: by which a program compresses one of its certificate chains. */
#define WT_LIMIT_IDENTITY_COMPRESSIONS 4u
/* bytes: of a file with a certificate chain. */
#define WT_LIMIT_IDENTITY (1u << 20)
/* bytes: that a server says before TLS, to a client that asks for it. */
#define WT_LIMIT_DIALOGUE 65536u
/* bytes: of a host's name (RFC 1035, 2.3.4). */
#define WT_LIMIT_HOST 255u
/* tickets: that a server sends after one handshake, and that a client takes of one connection. */
#define WT_LIMIT_TICKETS 8u
/* seconds: of a ticket's life (RFC 8446, 4.6.1), and from the handshake with certificates to the last resumption that
 * goes back to it. */
#define WT_LIMIT_TICKET_SECONDS 604800
/* bytes: of a ticket that a client keeps. Those with a client's certificate in them have some KiB. */
#define WT_LIMIT_TICKET 8192u
/* bytes: of early data that a server takes of one connection; of records with early data that it skips where it does
 * not take them. */
#define WT_LIMIT_EARLY_DATA 65536u
#define WT_LIMIT_EARLY_SKIPPED 131072u
/* tickets: whose early data were taken that a server remembers, as long as they could be shown again; beyond, it takes
 * no early data. */
#define WT_LIMIT_EARLY_STRIKES 4096u
/* milliseconds: that a hello with early data may have been sent before, or after, by the ticket's age (RFC 8446, 8.3:
 * "windows on the order of ten seconds to account for errors in clocks and variations in measurements"); and that the
 * clock of a ticket's server may be ahead. */
#define WT_LIMIT_EARLY_WINDOW_MS 10000
/* seconds: that a server may set in place of it. */
#define WT_LIMIT_EARLY_WINDOW_MOST 600u
/* seconds: that a cookie is good for, in both directions. */
#define WT_LIMIT_COOKIE_SECONDS 60
/* keys: external PSKs of a party; bytes of one's identity. */
#define WT_LIMIT_OWN_PSKS 1024u
#define WT_LIMIT_PSK_IDENTITY 1024u
/* sessions: that a client keeps, and of one host; the oldest makes room. */
#define WT_LIMIT_CLIENT_SESSIONS 128u
#define WT_LIMIT_HOST_SESSIONS 4u
/* sessions: that a server keeps by session_id, for clients of TLS 1.2 without tickets; the oldest of its set of four
 * makes room. */
#define WT_LIMIT_SERVER_SESSIONS 1024u
/* DTLS. messages: of a direction that wait for fragments, or for those before them; bytes that these hold; fragments of
 * one message that come early. A flight has some ten messages and, with a long chain of certificates, 30 KB. */
#define WT_LIMIT_DTLS_AHEAD 16u
#define WT_LIMIT_DTLS_BYTES (1u << 18)
#define WT_LIMIT_DTLS_PIECES 1024u
/* epochs: of a direction whose keys and record numbers are remembered. DTLS 1.3 tells two bits of a record's epoch: of
 * these two can be meant at most, and so many decryptions a record costs. */
#define WT_LIMIT_DTLS_EPOCHS 4u
/* records: of a connection that wait for what leads to their keys, as datagrams overtake each other; bytes of them. */
#define WT_LIMIT_DTLS_WAITING 32u
#define WT_LIMIT_DTLS_WAITING_BYTES (1u << 16)
/* datagrams: of all conversations, that may be of DTLS 1.3 and wait for a hello that they have overtaken. */
#define WT_LIMIT_DTLS_EARLY 64u
/* connection ids: of a direction; connections that are looked for by theirs. */
#define WT_LIMIT_DTLS_CIDS 8u
#define WT_LIMIT_DTLS_MOVING 1024u
/* records: of a connection whose messages are kept that are told one by one; with application data that are looked at
 * to name what is inside. */
#define WT_LIMIT_DTLS_RECORDS 65536u
#define WT_LIMIT_DTLS_LOOKS 8u

#endif

// A client or a server by Java's JSSE: java Peer client|server KEY=VALUE... (README.md)
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

public class Peer {
    private static final String ANSWER = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 6\r\nConnection: close\r\n\r\nhello\n";
    private static final Map<String, String> words = new HashMap<>();

    private static PrivateKey key(String file) throws Exception {
        String text = Files.readString(Path.of(file)).replaceAll("-----[^-]+-----|\\s", "");
        PKCS8EncodedKeySpec spec = new PKCS8EncodedKeySpec(Base64.getDecoder().decode(text));
        for (String algorithm : List.of("RSA", "RSASSA-PSS", "EC", "EdDSA")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(spec);
            } catch (InvalidKeySpecException e) {
                continue;
            }
        }
        throw new IOException(file + ": no key");
    }

    private static Collection<? extends Certificate> certificates(String file) throws Exception {
        return CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(Files.readAllBytes(Path.of(file))));
    }

    private static SSLContext context() throws Exception {
        KeyManagerFactory keys = KeyManagerFactory.getInstance("SunX509");
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        if (words.containsKey("chain")) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("own", key(words.get("key")), new char[0], certificates(words.get("chain")).toArray(new Certificate[0]));
            keys.init(store, new char[0]);
        }
        if (words.containsKey("ca")) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            for (Certificate each : certificates(words.get("ca")))
                store.setCertificateEntry("ca", each);
            trust.init(store);
        }
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(words.containsKey("chain") ? keys.getKeyManagers() : null, words.containsKey("ca") ? trust.getTrustManagers() : null, null);
        return context;
    }

    private static SSLParameters fill(SSLParameters parameters) {
        parameters.setProtocols(new String[] {"TLSv" + words.get("version")});
        if (words.get("version").equals("1.2") && words.get("groups").startsWith("ffdhe"))
            parameters.setCipherSuites(new String[] {"TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384"});
        if (words.get("alpn").equals("1"))
            parameters.setApplicationProtocols(new String[] {"http/1.1"});
        return parameters;
    }

    private static void tell(SSLSocket s) {
        String protocol = s.getApplicationProtocol();
        System.out.println("{\"version\": \"" + s.getSession().getProtocol().replace("TLSv", "TLS ") + "\", \"cipher_suite\": \"" + s.getSession().getCipherSuite()
            + "\", \"alpn\": " + (protocol == null || protocol.isEmpty() ? "null" : '"' + protocol + '"') + "}");
        System.out.flush();
    }

    private static void serve() throws Exception {
        SSLServerSocket listening = (SSLServerSocket) context().getServerSocketFactory().createServerSocket(Integer.parseInt(words.get("port")), 8,
            InetAddress.getByName("127.0.0.1"));
        SSLParameters parameters = fill(listening.getSSLParameters());
        parameters.setNeedClientAuth(words.containsKey("ca"));
        listening.setSSLParameters(parameters);
        while (true) {
            try (SSLSocket s = (SSLSocket) listening.accept()) {
                s.getInputStream().read(new byte[4096]);
                tell(s);
                s.getOutputStream().write(ANSWER.getBytes(StandardCharsets.US_ASCII));
                s.shutdownOutput();
                while (s.getInputStream().read() >= 0)
                    continue;
            } catch (IOException e) {
                System.out.println("failed: " + e);
            }
        }
    }

    private static void connect() throws Exception {
        SSLContext context = context();
        for (int i = 0; i < Integer.parseInt(words.get("count")); i++) {
            // The name goes with the session, so that the second connection finds it.
            Socket plain = new Socket("127.0.0.1", Integer.parseInt(words.get("port")));
            try (SSLSocket s = (SSLSocket) context.getSocketFactory().createSocket(plain, words.get("host"), plain.getPort(), true)) {
                SSLParameters parameters = fill(s.getSSLParameters());
                parameters.setServerNames(List.of(new SNIHostName(words.get("host"))));
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
                s.setSSLParameters(parameters);
                s.getOutputStream().write(("GET / HTTP/1.1\r\nHost: " + words.get("host") + "\r\nConnection: close\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
                InputStream in = s.getInputStream();
                if (!new String(in.readAllBytes(), StandardCharsets.US_ASCII).startsWith("HTTP/1.1 200"))
                    throw new IOException("no answer");
                tell(s);
            }
        }
    }

    public static void main(String[] arguments) throws Exception {
        for (int i = 1; i < arguments.length; i++)
            words.put(arguments[i].substring(0, arguments[i].indexOf('=')), arguments[i].substring(arguments[i].indexOf('=') + 1));
        System.setProperty("jdk.tls.namedGroups", words.get("groups"));
        System.setProperty("jdk.tls.server.enableSessionTicketExtension", String.valueOf(words.get("tickets").equals("1")));
        System.setProperty("jdk.tls.client.enableSessionTicketExtension", String.valueOf(words.get("tickets").equals("1")));
        if (arguments[0].equals("server"))
            serve();
        else
            connect();
    }
}

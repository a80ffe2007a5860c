"""The peers, in the order of the page."""
from others.botan import Botan
from others.chromium import Chromium
from others.curl import Curl
from others.gnutls import GnuTLS
from others.java import Java
from others.libraries import BearSSL, MbedTLS, WolfSSL
from others.nginx import Nginx
from others.nss import NSS
from others.openssl import OpenSSL
from others.scripts import Node, Python

PEERS = (OpenSSL, GnuTLS, NSS, Java, WolfSSL, MbedTLS, BearSSL, Botan, Python, Node, Nginx, Curl, Chromium)

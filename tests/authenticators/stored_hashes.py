"""Hashes as other programs have made them, of one password; the vectors of these tests.

By Werkzeug 3.1.9, Django 5.2.19, passlib 1.7.4, bcrypt 4.3.0 and argon2-cffi 25.1.0, some of them
with less cost than usual.
"""

from __future__ import annotations

PASSWORD = "Grüße aus Köln 42"

HASHES = {
    "werkzeug scrypt": (
        "scrypt:32768:8:1$AhxWQepgN4yoVzVC$4d5957083c3ff5a31ccc44bde992ad310bc53ac2759c2b0b257ef745"
        "d528bc35d1f8e99ec700eec8908d87cd4b79dac2c9937cc9882dece7192426c53e33aa92"
    ),
    "werkzeug scrypt, two lanes": (
        "scrypt:16384:8:2$Elwo1tonAmxeouPo$3928931692731d95a28eb05452409f8090bff9d7d2e436eea134906e"
        "bed53e4f3c75dc8c9ed923b5b8a3126eebf95947261fb72ccb5adcbd19fedc404acc790d"
    ),
    "werkzeug pbkdf2": (
        "pbkdf2:sha256:1000$6DmHc87PSUkKgMiR$"
        "3eb21004a3533a045c441355448eda46dea6344f271fde6a38ef7d18c88e5059"
    ),
    "werkzeug pbkdf2, sha512": (
        "pbkdf2:sha512:1000$ySqSFDz2PSP4xbgg$d5a08bc40e908b113ee6aaf99615330de4eb4f3eda1de27a782c97"
        "ad15ceedcc0b4935bc62f96120c96e12306e195f14dd9466cdf644f96d7246d09588dbe1c9"
    ),
    "werkzeug pbkdf2, sha1": (
        "pbkdf2:sha1:1000$fevKUUiXNheXiBgC$c737fec4edc7d98360309b70e388e9f5a4740aba"
    ),
    "django pbkdf2": (
        "pbkdf2_sha256$1000$seasalt12345$of+BNpNRT1ErjapVKyhU2Aqc44p9ju3fo143S/tF4Ks="
    ),
    "django pbkdf2, sha1": "pbkdf2_sha1$1000$seasalt12345$ehirdzkjSP8fCFom29m8fBTG7uY=",
    "django argon2": (
        "argon2$argon2id$v=19$m=1024,t=1,p=2$c2Vhc2FsdDEyMzQ1$"
        "Ew2yqlt3IeSC+PuzixD7VzOGCZmWDe5ClFJ1uWWoGmU"
    ),
    "django bcrypt_sha256": (
        "bcrypt_sha256$$2b$04$ds/0Momxjn/sqUS/Sm9AseGAuayqN0RHvrr5W6mstAW43PZtpfxpq"
    ),
    "django bcrypt": "bcrypt$$2b$04$1JQAWqrLfML3Pa7GDkirxupfupzVcv8WuiO8KE/vGKaCHa2fWXSEW",
    "django scrypt": (
        "scrypt$1024$seasalt12345$8$5$vBi+gkxqA2TKGUDX/t1R82rYRBIp++kR5CYez7QHzJpvO3HpKe3f23LUXEQ8"
        "I2F4VTYbVwbqrmUqFpeIX97JMQ=="
    ),
    "passlib argon2id": (
        "$argon2id$v=19$m=1024,t=2,p=2$+x9jzJnTGgMgRCglZCxlbA$"
        "JZHUmbSMumtaR66/kMIIMCLkBmRUIsQrzkVpP0B6ENI"
    ),
    "passlib argon2i": (
        "$argon2i$v=19$m=1024,t=3,p=1$mbO2thYipPQ+J0Qo5Vwr5Q$"
        "/1JDz+FB3AAtEtPOYSeKU6c8G7Agejy7ivXgGD4WFs8"
    ),
    "argon2-cffi": (
        "$argon2id$v=19$m=1024,t=3,p=4$fdtyT7EPBDhKiSv378Ot+Q$"
        "5EWisSk5aSUTDgrzSrCw7K6rdU9pPiSiB8dJqCCxWi0"
    ),
    "bcrypt 2a": "$2a$04$TY.GLnSlkAWaotOQOGJA2uydAIJYILF/igZk.BFxkXkVmxXE6zC6m",
    "bcrypt 2b": "$2b$04$JWG86.4JOJWNTLKEQuvGRODdZFYyuwF/6qVjHhLu0R932LSuVQ3BS",
    "bcrypt 2y": "$2y$04$svSLIUPXH8mZ1OliPOWSYOsrxTv.FsiHjw4UUEErsBzcT0nyJM5oy",
}

#: Of "a" 72 times and an "X", which bcrypt 4 did not read.
BCRYPT_OF_73_BYTES = "$2b$04$x3zFxsjN/6yM6d5kMNIQG.OG/E6U88E5Ww1gx56aycCNJffYldg8q"

#: Werkzeug's, of a password whose "ä" is two code points, as some systems type it.
DECOMPOSED_PASSWORD = "Pa\u0308ssword mit Umlaut"
HASH_OF_DECOMPOSED = (
    "pbkdf2:sha256:1000$Ba2MX1FTgDBmjFcp$"
    "e9d9893e68560d7706f66e1aba542a7ce3d5dd69273a3d8297f0325a33528ea6"
)

#: What Django writes for a user without a password, and what others write.
UNUSABLE = ("!NhiiBsvPNbMtNmzOm3YmRHKKQgiOrbqAZIlH7zpg", "!", "*", "", "x", "disabled")

"""Market partners: public identities, shared by all principals."""

from django.db import models


class MarketPartner(models.Model):
    """A market partner under its code number (BDEW or DVGW). Not owned by a principal: it is public."""

    class Role(models.TextChoices):
        GRID_OPERATOR = "grid_operator", "Netzbetreiber"
        METERING_OPERATOR = "metering_operator", "Messstellenbetreiber"
        SUPPLIER = "supplier", "Lieferant"
        BALANCE_RESPONSIBLE_PARTY = "balance_responsible_party", "Bilanzkreisverantwortlicher"
        MARKET_AREA_MANAGER = "market_area_manager", "Marktgebietsverantwortlicher"
        OTHER = "other", "Sonstiger"

    market_partner_id = models.CharField("Marktpartner-ID", max_length=13, unique=True)
    name = models.CharField("Name", max_length=120)
    role = models.CharField("Rolle", max_length=30, choices=Role.choices)
    commodity = models.CharField("Sparte", max_length=12, blank=True)
    email = models.EmailField("E-Mail", blank=True)
    phone = models.CharField("Telefon", max_length=40, blank=True)
    street = models.CharField("Straße", max_length=120, blank=True)
    postal_code = models.CharField("PLZ", max_length=5, blank=True)
    city = models.CharField("Ort", max_length=80, blank=True)

    class Meta:
        verbose_name = "Marktpartner"
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.name} ({self.market_partner_id})"

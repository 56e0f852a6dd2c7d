"""Names, streets and banks of the demo's invented people. Everybody here is made up."""

# ruff: noqa: SIM905 (a list of words is easier to read without quotation marks)

FEMALE = """
Anna Lea Marie Sophie Emma Lina Clara Ida Frieda Greta Hannah Julia Katrin Laura Martina Nina Petra
Renate Sabine Tanja Ursula Vera Wiebke Yasmin Aylin Zeynep Olga Svetlana Chiara Agnieszka
""".split()
MALE = """
Paul Jonas Leon Felix Max Lukas Anton Emil Georg Hans Ingo Jürgen Karl Lars Manfred Norbert Otto
Peter Ralf Stefan Thomas Uwe Volker Werner Mehmet Can Dmitri Luca Piotr Björn
""".split()
FAMILY = """
Ahrens Bachmann Becker Brandt Czerny Dietrich Ebert Engel Falk Friedrich Förster Gärtner Günther
Haas Heinrich Hübner Jansen Kaya Kowalski Krämer Köhler Lange Lehmann Lorenz Maurer Möller Neumann
Nowak Ott Petersen Pohl Quandt Richter Roth Sauer Schäfer Schreiber Schulte Schütz Seidel Simon
Sommer Steiner Stöber Thiel Ulrich Vogel Vogt Wagner Weiß Winkler Wolff Yılmaz Zander Ziegler
""".split()
TRADES = """
Bäckerei Metzgerei Friseursalon Gasthof Apotheke Autohaus Tischlerei Blumenhaus Fahrradladen
Buchhandlung Zahnarztpraxis Malerbetrieb Hofladen Café Reinigung
""".split()
STREETS = [
    street.replace("_", " ")
    for street in """
Lindenweg Am_Markt Bahnhofstraße Birkenallee Bergstraße Dorfstraße Eichenweg Feldstraße Gartenstraße
Goethestraße Hauptstraße Im_Winkel Kirchgasse Mühlenweg Parkstraße Ringstraße Rosenweg
Schillerstraße Schulstraße Talstraße Uferstraße Waldweg Wiesengrund Ziegelhüttenweg
""".split()
]
# Bank codes of large banks; the account numbers are invented.
BANK_CODES = ("12030000", "50010517", "37040044", "20041133", "10010010", "43060967")

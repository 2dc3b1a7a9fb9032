import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/** A place with its clock; created when a registry first names it (see domain/territories.ts). */
@Entity('territory')
@Check('territory_offset_check', 'standard_offset_minutes between -840 and 840')
export class TerritoryEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'territory_pkey' })
  code: string;

  @Column('text', { name: 'name_ru' })
  nameRu: string;

  @Column('text', { name: 'name_en' })
  nameEn: string;

  /** The region's code; null for a region and for a territory abroad. */
  @Column('text', { name: 'parent_code', nullable: true })
  parentCode: string | null;

  @Column('text', { name: 'iana_zone' })
  ianaZone: string;

  /** Minutes east of UTC that bound its stored days; never changed once days are stored. */
  @Column('smallint', { name: 'standard_offset_minutes' })
  standardOffsetMinutes: number;
}
